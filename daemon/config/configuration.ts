import type { HostPort, Listen } from './address.ts';
import type { Cidr } from './cidr.ts';
import type { PortRange } from './port-range.ts';
import type { NamespacedName } from './text-types.ts';
import type { DnsUpstreams } from './upstreams.ts';

/** Everything that `portolan up` can be told, fully resolved. Meanings stand in `schema.ts`. */
export interface Configuration {
  readonly filename: readonly string[];
  /** A file, or `in-cluster`. Undefined: no cluster is followed. */
  readonly kubeconfig: string | undefined;
  /** Client URLs of the members; none: etcd is not used. */
  readonly etcdEndpoints: readonly string[];
  readonly etcdPrefix: string;
  readonly etcdCa: string | undefined;
  readonly etcdCert: string | undefined;
  readonly etcdKey: string | undefined;
  readonly etcdUser: string | undefined;
  readonly etcdPasswordFile: string | undefined;
  readonly nodeName: string;
  readonly dataDir: string;
  readonly proxyMode: 'userspace' | 'iptables' | 'nftables' | 'none';
  readonly serviceCidrs: readonly Cidr[];
  readonly clusterCidrs: readonly Cidr[];
  /** '': Pods are not known by where they come in. */
  readonly podBridgeInterface: string;
  readonly podInterfaceNamePrefix: string;
  readonly masqueradeAll: 'on' | 'off';
  readonly masqueradeBit: number;
  /** Undefined: Services without the label that names a proxy. */
  readonly serviceProxyName: string | undefined;
  readonly nodePortRange: PortRange;
  readonly nodePortAddresses: readonly string[];
  readonly localhostNodePorts: 'on' | 'off';
  readonly kubeProxyHealthz: Listen;
  readonly kubeProxyMetrics: Listen;
  readonly ingressHttp: Listen;
  readonly ingressHttps: Listen;
  readonly ingressClass: string;
  readonly ingressClasses: readonly string[];
  readonly ingressConfigMap: NamespacedName | undefined;
  /** With its slash. */
  readonly ingressAnnotationsPrefix: string;
  readonly ingressWithoutClass: 'off' | 'on';
  readonly ingressEngine: 'compat' | 'wire';
  readonly ingressTrustedProxies: readonly string[];
  readonly ingressProxyProtocol: 'on' | 'off';
  readonly ingressTlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ingressTlsCiphers: string | undefined;
  readonly ingressTraceContext: 'on' | 'off';
  readonly ingressAccessLog: 'json' | 'combined' | 'upstreaminfo' | 'off';
  readonly ingressAccessLogPercent: number;
  readonly dns: Listen;
  readonly dnsLocal: readonly string[];
  /** Undefined: the cluster's names, and `dnsUpstreams` for the rest. */
  readonly corefile: string | undefined;
  readonly clusterDomain: string;
  readonly dnsUpstreams: DnsUpstreams;
  readonly api: Listen;
  /** Undefined: no audit log. */
  readonly apiAuditLog: string | undefined;
  readonly admin: Listen;
  readonly workers: number;
  readonly execProbes: 'on' | 'off';
  readonly drainTimeoutMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'auto' | 'json' | 'pretty';
}

/** The name of one setting, as code knows it. */
export type OptionName = keyof Configuration;

/** What some flags and a file said: whatever neither names is absent. */
export type Settings = { -readonly [Name in OptionName]?: Configuration[Name] };

/** What defaults depend on. */
export interface MachineFacts {
  readonly hostname: string;
  /** Processors that this process may use. */
  readonly cores: number;
}

/** Where a daemon keeps what outlives it, unless told otherwise. */
export const defaultDataDir = './.portolan';

/** Where `get` and `describe` look for a daemon unless told otherwise. */
export const defaultAdmin: HostPort = { host: '127.0.0.1', port: 9900 };

/** Where the embedded API listens unless told otherwise: kube-apiserver's port. */
export const defaultApi: HostPort = { host: '127.0.0.1', port: 6443 };
