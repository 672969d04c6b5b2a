/** What the user can set: flags, configuration file, defaults, and the help that describes them. */
export { formatHostPort, formatListen, type HostPort, isLoopback, type Listen } from './address.ts';
export type { Cidr } from './cidr.ts';
export { closest } from './closest.ts';
export { type Command, parseCommandLine } from './command-line.ts';
export type { Configuration, MachineFacts, OptionName, Settings } from './configuration.ts';
export { configurationKind, looksLikeConfiguration, readConfigurationFile } from './file.ts';
export { helpText } from './help.ts';
export { loadConfiguration, type LoadOptions } from './load.ts';
export { configurationNotices } from './notices.ts';
export type { PortRange } from './port-range.ts';
export { formatObject, formatProblem } from './problem-line.ts';
export { compareConfigurations, type ConfigurationChange } from './reload.ts';
export type { NamespacedName } from './text-types.ts';
export type { DnsUpstreams } from './upstreams.ts';
