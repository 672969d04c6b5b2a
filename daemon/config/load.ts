import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { ConfigError, describeError, type Problem } from '../../controller/base/index.ts';
import type { Configuration, MachineFacts, OptionName, Settings } from './configuration.ts';
import { readConfigurationFile } from './file.ts';
import { formatProblem } from './problem-line.ts';
import { type Option, schema } from './schema.ts';

/** What `loadConfiguration` needs from outside: defaults read the true machine. */
export interface LoadOptions {
  /** From flags: they win. */
  readonly settings: Settings;
  readonly configFile: string | undefined;
  readonly machine?: MachineFacts;
  readonly readText?: (path: string) => string;
}

/**
 * Merges flags, configuration file and defaults. Called again on SIGHUP with the same options.
 * @throws ConfigError `UnreadableFile`, `InvalidConfiguration` (every mistake of the file, one a
 * line), `NothingToServe`, `TwoSources`; the exit status is then 2
 */
export function loadConfiguration(options: LoadOptions): Configuration {
  const machine = options.machine ?? { hostname: hostname(), cores: availableParallelism() };
  const settings = { ...settingsOfFile(options), ...options.settings };
  const configuration = fillIn(settings, machine);
  checkSources(configuration);
  return configuration;
}

function checkSources({ filename, kubeconfig, etcdEndpoints, api }: Configuration): void {
  if (kubeconfig !== undefined && (filename.length > 0 || etcdEndpoints.length > 0)) {
    const message =
      'a cluster is served alone: leave out -f and --etcd, and write kubectl apply -f, or leave out --kubeconfig';
    throw new ConfigError('TwoSources', message);
  }
  if (kubeconfig !== undefined || filename.length > 0 || etcdEndpoints.length > 0) return;
  // What kubectl puts there is enough.
  if (api !== 'off') return;
  const message =
    'there is nothing to serve: name a manifest file or folder with -f PATH, a cluster with --kubeconfig FILE, etcd with --etcd URL, or leave --api on';
  throw new ConfigError('NothingToServe', message);
}

/** What holds where neither flags nor a file say anything. It serves nothing: `filename` is empty. */
export function defaultConfiguration(machine: MachineFacts): Configuration {
  return fillIn({}, machine);
}

function settingsOfFile({ configFile, readText }: LoadOptions): Settings {
  if (configFile === undefined) return {};
  let text: string;
  try {
    text = readText ? readText(configFile) : readFileSync(configFile, 'utf8');
  } catch (cause) {
    const message = `--config: ${configFile} cannot be read (${describeError(cause)})`;
    throw new ConfigError('UnreadableFile', message, undefined, { cause });
  }
  const { settings, problems } = readConfigurationFile(configFile, text);
  if (problems.length > 0) throw invalid(problems);
  return settings;
}

function invalid(problems: readonly Problem[]): ConfigError {
  return new ConfigError('InvalidConfiguration', problems.map(formatProblem).join('\n'));
}

function fillIn(settings: Settings, machine: MachineFacts): Configuration {
  const pick = <Name extends OptionName>(name: Name): Configuration[Name] => {
    const given = settings[name];
    if (given !== undefined) return given;
    const option: Option<Configuration[Name]> = schema[name];
    return option.default(machine);
  };
  return {
    filename: pick('filename'),
    kubeconfig: pick('kubeconfig'),
    etcdEndpoints: pick('etcdEndpoints'),
    etcdPrefix: pick('etcdPrefix'),
    etcdCa: pick('etcdCa'),
    etcdCert: pick('etcdCert'),
    etcdKey: pick('etcdKey'),
    etcdUser: pick('etcdUser'),
    etcdPasswordFile: pick('etcdPasswordFile'),
    nodeName: pick('nodeName'),
    dataDir: pick('dataDir'),
    proxyMode: pick('proxyMode'),
    serviceCidrs: pick('serviceCidrs'),
    clusterCidrs: pick('clusterCidrs'),
    podBridgeInterface: pick('podBridgeInterface'),
    podInterfaceNamePrefix: pick('podInterfaceNamePrefix'),
    masqueradeAll: pick('masqueradeAll'),
    masqueradeBit: pick('masqueradeBit'),
    serviceProxyName: pick('serviceProxyName'),
    nodePortRange: pick('nodePortRange'),
    nodePortAddresses: pick('nodePortAddresses'),
    localhostNodePorts: pick('localhostNodePorts'),
    kubeProxyHealthz: pick('kubeProxyHealthz'),
    kubeProxyMetrics: pick('kubeProxyMetrics'),
    ingressHttp: pick('ingressHttp'),
    ingressHttps: pick('ingressHttps'),
    ingressClass: pick('ingressClass'),
    ingressClasses: pick('ingressClasses'),
    ingressConfigMap: pick('ingressConfigMap'),
    ingressAnnotationsPrefix: pick('ingressAnnotationsPrefix'),
    ingressWithoutClass: pick('ingressWithoutClass'),
    ingressEngine: pick('ingressEngine'),
    ingressTrustedProxies: pick('ingressTrustedProxies'),
    ingressProxyProtocol: pick('ingressProxyProtocol'),
    ingressTlsMinVersion: pick('ingressTlsMinVersion'),
    ingressTlsCiphers: pick('ingressTlsCiphers'),
    ingressTraceContext: pick('ingressTraceContext'),
    ingressAccessLog: pick('ingressAccessLog'),
    ingressAccessLogPercent: pick('ingressAccessLogPercent'),
    dns: pick('dns'),
    dnsLocal: pick('dnsLocal'),
    corefile: pick('corefile'),
    clusterDomain: pick('clusterDomain'),
    dnsUpstreams: pick('dnsUpstreams'),
    api: pick('api'),
    apiAuditLog: pick('apiAuditLog'),
    admin: pick('admin'),
    workers: pick('workers'),
    execProbes: pick('execProbes'),
    drainTimeoutMs: pick('drainTimeoutMs'),
    logLevel: pick('logLevel'),
    logFormat: pick('logFormat'),
  };
}
