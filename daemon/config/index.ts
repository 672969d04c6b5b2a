/** What the user can set: flags, configuration file, defaults, and the help that describes them. */
export { formatHostPort, formatListen, type HostPort, isLoopback, type Listen } from './address.ts';
export { closest } from './closest.ts';
export { type Command, parseCommandLine, type Scope } from './command-line.ts';
export type { Configuration, Settings } from './configuration.ts';
export { looksLikeConfiguration, readConfigurationFile } from './file.ts';
export { helpText } from './help.ts';
export { defaultConfiguration, loadConfiguration, type LoadOptions } from './load.ts';
export { configurationNotices } from './notices.ts';
export { formatObject, formatProblem } from './problem-line.ts';
export { compareConfigurations } from './reload.ts';
export type { DnsUpstreams } from './upstreams.ts';
