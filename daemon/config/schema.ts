import { listen } from './address.ts';
import { serviceCidrs } from './cidr.ts';
import {
  type Configuration,
  defaultAdmin,
  defaultApi,
  defaultDataDir,
  type MachineFacts,
} from './configuration.ts';
import { duration } from './duration.ts';
import { etcdPrefix, etcdUrls, etcdUser } from './etcd-types.ts';
import { interfaceName, localAddresses, networks } from './network-types.ts';
import type { OptionType } from './option-type.ts';
import { kubeconfigPath, path, watchedPaths } from './path-types.ts';
import { portRange } from './port-range.ts';
import { cipherList } from './tls-types.ts';
import {
  annotationPrefix,
  choice,
  domain,
  ingressClasses,
  integer,
  namespacedName,
  objectName,
} from './text-types.ts';
import { dnsUpstreams } from './upstreams.ts';

/** Groups of settings, in the order in which help and documentation show them. */
export const areas = ['Sources', 'Service proxy', 'Ingress', 'DNS', 'Daemon'] as const;

/** One setting: the only place that says what it is called, takes, does and defaults to. */
export interface Option<T> {
  /** Without dashes. Undefined: in the configuration file alone. */
  readonly flag: string | undefined;
  /** A letter for the flag. */
  readonly short?: string;
  /** Where the value stands in the configuration file. */
  readonly key: readonly [string] | readonly [string, string];
  readonly type: OptionType<T>;
  /** The texts are paths: those in a file start from the file's own folder. */
  readonly paths?: true;
  readonly default: (machine: MachineFacts) => T;
  /** The default in words, as help shows it; '' for none. */
  readonly defaultText: string;
  /** One or two sentences in Markdown. */
  readonly description: string;
  /** The first version that has it. */
  readonly since: string;
  /** `reload`: SIGHUP brings a new value into force. `restart`: only a new start does. */
  readonly change: 'reload' | 'restart';
  readonly area: (typeof areas)[number];
}

/** Every setting; the order within an area is that of help and documentation. */
export type OptionTable = { readonly [Name in keyof Configuration]: Option<Configuration[Name]> };

const loopback = (port: number) => ({ host: '127.0.0.1', port }) as const;

export const schema: OptionTable = {
  filename: {
    flag: 'filename',
    short: 'f',
    key: ['filename'],
    type: watchedPaths,
    paths: true,
    default: () => [],
    defaultText: '',
    description:
      'A manifest file, or a folder with manifests at any depth. Watched: changes take effect at once.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  kubeconfig: {
    flag: 'kubeconfig',
    key: ['kubeconfig'],
    type: kubeconfigPath,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description:
      'Follow the Kubernetes cluster that this file gives access to, in place of manifests; `in-cluster` uses the service account of the Pod. See docs/clusters.md.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdEndpoints: {
    flag: 'etcd',
    key: ['etcd'],
    type: etcdUrls,
    default: () => [],
    defaultText: '',
    description:
      'Share objects with daemons on other nodes through etcd v3: client URLs of its members. See docs/clusters.md.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdPrefix: {
    flag: 'etcd-prefix',
    key: ['etcdPrefix'],
    type: etcdPrefix,
    default: () => '/portolan',
    defaultText: '/portolan',
    description: 'What all keys in etcd begin with: daemons of one cluster have the same.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdCa: {
    flag: 'etcd-ca',
    key: ['etcdCa'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description:
      'Authority that signed the certificates of etcd, in PEM; without one, those of the system.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdCert: {
    flag: 'etcd-cert',
    key: ['etcdCert'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description: 'Certificate that this daemon shows to etcd, in PEM.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdKey: {
    flag: 'etcd-key',
    key: ['etcdKey'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description: 'Private key of that certificate, in PEM.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdUser: {
    flag: 'etcd-user',
    key: ['etcdUser'],
    type: etcdUser,
    default: () => undefined,
    defaultText: '',
    description: 'User of etcd, where it asks for one.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  etcdPasswordFile: {
    flag: 'etcd-password-file',
    key: ['etcdPasswordFile'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description: 'File with the password of that user.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  api: {
    flag: 'api',
    key: ['api'],
    type: listen,
    default: () => defaultApi,
    defaultText: '127.0.0.1:6443',
    description:
      'Where the embedded Kubernetes API listens, for kubectl with the file `kubeconfig` of the data directory; `off` for none. Not served with `--kubeconfig`. See docs/api.md.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  apiAuditLog: {
    flag: 'api-audit-log',
    key: ['apiAuditLog'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description:
      'File to which the API appends a line of JSON for each request: who did what, and the status; never what was in it.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  dataDir: {
    flag: 'data-dir',
    key: ['dataDir'],
    type: path,
    paths: true,
    default: () => defaultDataDir,
    defaultText: defaultDataDir,
    description: 'Folder for what must outlive a restart, such as allocated addresses.',
    since: '0.1.0',
    change: 'restart',
    area: 'Sources',
  },
  nodeName: {
    flag: 'node-name',
    key: ['nodeName'],
    type: objectName,
    default: (machine) => machine.hostname.toLowerCase(),
    defaultText: 'the host name',
    description: 'Name of the Node that this daemon serves: decides which endpoints are local.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  proxyMode: {
    flag: 'proxy-mode',
    key: ['proxyMode'],
    type: choice(['userspace', 'nftables', 'iptables', 'none'], ['ebpf']),
    default: () => 'userspace',
    defaultText: 'userspace',
    description:
      'How Service traffic is forwarded. `userspace` needs no root. `nftables` and `iptables` program the kernel, as root; see docs/data-planes.md. `ebpf` is not served by this version, and refused.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  serviceCidrs: {
    flag: 'service-cidr',
    key: ['serviceCidr'],
    type: serviceCidrs,
    default: () => [{ text: '127.96.0.0/16', family: 'IPv4', prefixLength: 16 }],
    defaultText: '127.96.0.0/16',
    description:
      'Where ClusterIPs come from: one range, or one of each family. The default is loopback, so that a ClusterIP works at once on any Linux without root.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  clusterCidrs: {
    flag: 'cluster-cidr',
    key: ['clusterCidr'],
    type: serviceCidrs,
    default: () => [],
    defaultText: '',
    description:
      "Addresses of this cluster's Pods, for the kernel modes: traffic to ClusterIPs from elsewhere is masqueraded.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  podBridgeInterface: {
    flag: 'pod-bridge-interface',
    key: ['podBridgeInterface'],
    type: interfaceName,
    default: () => '',
    defaultText: '',
    description:
      "The bridge that this node's Pods are on, for the kernel modes: another way than `clusterCidr` to tell their traffic from others', and it counts before that.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  podInterfaceNamePrefix: {
    flag: 'pod-interface-name-prefix',
    key: ['podInterfaceNamePrefix'],
    type: interfaceName,
    default: () => '',
    defaultText: '',
    description:
      "What the names of this node's Pods' interfaces begin with, for the kernel modes, where there is no bridge.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  masqueradeAll: {
    flag: 'masquerade-all',
    key: ['masqueradeAll'],
    type: choice(['off', 'on']),
    default: () => 'off',
    defaultText: 'off',
    description: 'Whether the kernel modes masquerade all traffic to ClusterIPs.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  masqueradeBit: {
    flag: 'masquerade-bit',
    key: ['masqueradeBit'],
    type: integer('BIT', 0, 31),
    default: () => 14,
    defaultText: '14',
    description:
      'Which bit of the packet mark asks for masquerading in the kernel modes. Two proxies on one node need one each.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  serviceProxyName: {
    flag: 'service-proxy-name',
    key: ['serviceProxyName'],
    type: objectName,
    default: () => undefined,
    defaultText: '',
    description:
      'Serves the Services whose label `service.kubernetes.io/service-proxy-name` has this value, and no others, with kernel rules under names of its own. Without it, the Services without that label.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  nodePortRange: {
    flag: 'node-port-range',
    key: ['nodePortRange'],
    type: portRange,
    default: () => ({ first: 30_000, last: 32_767 }),
    defaultText: '30000-32767',
    description: 'Where node ports come from.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  nodePortAddresses: {
    flag: 'node-port-addresses',
    key: ['nodePortAddresses'],
    type: localAddresses,
    default: () => ['127.0.0.1'],
    defaultText: '127.0.0.1',
    description:
      "Addresses of this machine on which node ports are served; `0.0.0.0` is every IPv4 one. In the kernel modes the default means the node's own address: a kernel cannot serve node ports on loopback.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  localhostNodePorts: {
    flag: 'localhost-node-ports',
    key: ['localhostNodePorts'],
    type: choice(['off', 'on']),
    default: () => 'off',
    defaultText: 'off',
    description:
      'Whether the daemon itself serves TCP node ports on 127.0.0.1 and ::1 in the kernel modes, which cannot.',
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  kubeProxyHealthz: {
    flag: 'kube-proxy-healthz',
    key: ['kubeProxyHealthz'],
    type: listen,
    default: () => 'off',
    defaultText: 'off',
    description:
      "Where `/healthz` and `/livez` answer as kube-proxy's do, for load balancers and probes that ask port 10256 of each node.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  kubeProxyMetrics: {
    flag: 'kube-proxy-metrics',
    key: ['kubeProxyMetrics'],
    type: listen,
    default: () => 'off',
    defaultText: 'off',
    description:
      "Where `/metrics` and `/proxyMode` answer as kube-proxy's do: 127.0.0.1:10249 there. It asks for no password: keep it on loopback.",
    since: '0.1.0',
    change: 'restart',
    area: 'Service proxy',
  },
  ingressHttp: {
    flag: 'ingress-http',
    key: ['ingress', 'http'],
    type: listen,
    default: () => loopback(8080),
    defaultText: '127.0.0.1:8080',
    description: 'Where Ingresses are served over HTTP.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressHttps: {
    flag: 'ingress-https',
    key: ['ingress', 'https'],
    type: listen,
    default: () => loopback(8443),
    defaultText: '127.0.0.1:8443',
    description: 'Where Ingresses are served over HTTPS.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressClass: {
    flag: 'ingress-class',
    key: ['ingress', 'class'],
    type: objectName,
    default: () => 'portolan',
    defaultText: 'portolan',
    description:
      'Name of the IngressClass served also when no IngressClass object says so. The value of `spec.controller` is always `portolan.dev/ingress`.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressClasses: {
    flag: 'ingress-classes',
    key: ['ingress', 'classes'],
    type: ingressClasses,
    default: () => [],
    defaultText: '',
    description:
      'Further IngressClasses to serve though they belong to other controllers: by name, or by the value of `spec.controller`, as in `k8s.io/ingress-nginx`. They are served with the habits of ingress-nginx; with `=standard` behind the name, as the Ingress API says. See docs/ingress-nginx.md.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressConfigMap: {
    flag: 'ingress-configmap',
    key: ['ingress', 'configMap'],
    type: namespacedName,
    default: () => undefined,
    defaultText: '',
    description:
      'ConfigMap with the keys of ingress-nginx, for what Ingresses leave open. Keys that nothing acts on are reported. See docs/ingress-nginx.md.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressAnnotationsPrefix: {
    flag: 'annotations-prefix',
    key: ['annotationsPrefix'],
    type: annotationPrefix,
    default: () => 'nginx.ingress.kubernetes.io/',
    defaultText: 'nginx.ingress.kubernetes.io',
    description: 'What the annotations of ingress-nginx begin with.',
    since: '0.2.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressWithoutClass: {
    flag: 'watch-ingress-without-class',
    key: ['watchIngressWithoutClass'],
    type: choice(['off', 'on']),
    default: () => 'off',
    defaultText: 'off',
    description: 'Whether Ingresses that name no class are served.',
    since: '0.2.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressEngine: {
    flag: 'ingress-engine',
    key: ['ingress', 'engine'],
    type: choice(['compat', 'wire']),
    default: () => 'wire',
    defaultText: 'wire',
    description:
      'What serves HTTP: `wire` stands on bare sockets, `compat` on node:http and http-proxy, at a fraction of the speed and without filters.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressTrustedProxies: {
    flag: 'ingress-trusted-proxies',
    key: ['ingress', 'trustedProxies'],
    type: networks,
    default: () => [],
    defaultText: '',
    description:
      'Addresses and networks in front of us whose `X-Forwarded-*`, `Forwarded` and PROXY headers are believed.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressProxyProtocol: {
    flag: 'ingress-proxy-protocol',
    key: ['ingress', 'proxyProtocol'],
    type: choice(['on', 'off']),
    default: () => 'off',
    defaultText: 'off',
    description:
      'Connections begin with a PROXY header, version 1 or 2, which only trusted proxies may send.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressTlsMinVersion: {
    flag: undefined,
    key: ['ingress', 'tlsMinVersion'],
    type: choice(['TLSv1.2', 'TLSv1.3']),
    default: () => 'TLSv1.2',
    defaultText: 'TLSv1.2',
    description: 'The oldest version of TLS that clients may use.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressTlsCiphers: {
    flag: undefined,
    key: ['ingress', 'tlsCiphers'],
    type: cipherList,
    default: () => undefined,
    defaultText: '',
    description:
      'Cipher suites for TLS with clients, as OpenSSL writes them; Node.js has a default.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressTraceContext: {
    flag: undefined,
    key: ['ingress', 'traceContext'],
    type: choice(['on', 'off']),
    default: () => 'off',
    defaultText: 'off',
    description:
      'Requests without a `traceparent` (W3C Trace Context) get one; those of clients pass in any case.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressAccessLog: {
    flag: undefined,
    key: ['ingress', 'accessLog'],
    type: choice(['json', 'combined', 'upstreaminfo', 'off']),
    default: () => 'json',
    defaultText: 'json',
    description:
      "One line for each request: `json` as lines of the log, or text on standard error, `upstreaminfo` with ingress-nginx's fields. Paths are logged without their query.",
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  ingressAccessLogPercent: {
    flag: undefined,
    key: ['ingress', 'accessLogPercent'],
    type: integer('PERCENT', 1, 100),
    default: () => 100,
    defaultText: '100',
    description:
      'How many of a hundred requests are logged; those answered 500 or above always are.',
    since: '0.1.0',
    change: 'restart',
    area: 'Ingress',
  },
  dns: {
    flag: 'dns',
    key: ['dns'],
    type: listen,
    default: () => loopback(1053),
    defaultText: '127.0.0.1:1053',
    description: 'Where cluster DNS answers, over UDP and TCP.',
    since: '0.1.0',
    change: 'restart',
    area: 'DNS',
  },
  corefile: {
    flag: 'corefile',
    key: ['corefile'],
    type: path,
    paths: true,
    default: () => undefined,
    defaultText: '',
    description:
      'A CoreDNS configuration, in place of `--cluster-domain` and `--dns-upstream`. Its port 53 means the port of `--dns`; blocks without `bind` listen on the host of `--dns`.',
    since: '0.1.0',
    change: 'restart',
    area: 'DNS',
  },
  clusterDomain: {
    flag: 'cluster-domain',
    key: ['clusterDomain'],
    type: domain,
    default: () => 'cluster.local',
    defaultText: 'cluster.local',
    description: 'The zone in which Services have their names.',
    since: '0.1.0',
    change: 'restart',
    area: 'DNS',
  },
  dnsLocal: {
    flag: 'dns-local',
    key: ['dnsLocal'],
    type: localAddresses,
    default: () => [],
    defaultText: '',
    description:
      'Addresses of a node-local DNS cache, such as 169.254.20.10 and the cluster DNS address. They are held on an interface of their own, are served on the port of `--dns`, and are kept out of connection tracking, for as long as the daemon lives. Needs root, ip and nft; not for addresses of Services that the userspace mode serves itself.',
    since: '0.1.0',
    change: 'restart',
    area: 'DNS',
  },
  dnsUpstreams: {
    flag: 'dns-upstream',
    key: ['dnsUpstream'],
    type: dnsUpstreams,
    default: () => ({ kind: 'resolvConf', path: '/etc/resolv.conf' }),
    defaultText: '/etc/resolv.conf',
    description:
      'Who answers every other name: addresses of name servers in order of preference (port 53 unless named), or one file in resolv.conf form.',
    since: '0.1.0',
    change: 'restart',
    area: 'DNS',
  },
  admin: {
    flag: 'admin',
    key: ['admin'],
    type: listen,
    default: () => defaultAdmin,
    defaultText: '127.0.0.1:9900',
    description:
      'Where health, metrics and `portolan get` are answered. It asks for no password: keep it on loopback.',
    since: '0.1.0',
    change: 'restart',
    area: 'Daemon',
  },
  workers: {
    flag: 'workers',
    key: ['workers'],
    type: integer('N', 1, 256),
    default: (machine) => machine.cores,
    defaultText: 'the number of cores',
    description: 'Processes that carry traffic, all on the same addresses.',
    since: '0.1.0',
    change: 'restart',
    area: 'Daemon',
  },
  execProbes: {
    flag: 'exec-probes',
    key: ['execProbes'],
    type: choice(['off', 'on']),
    default: () => 'off',
    defaultText: 'off',
    description:
      'Whether exec probes of Pods are run. The commands run as this daemon, outside any container: whoever writes the manifests decides what is executed.',
    since: '0.1.0',
    change: 'restart',
    area: 'Daemon',
  },
  drainTimeoutMs: {
    flag: 'drain-timeout',
    key: ['drainTimeout'],
    type: duration,
    default: () => 30_000,
    defaultText: '30s',
    description: 'How long work under way may take to finish after SIGTERM.',
    since: '0.1.0',
    change: 'reload',
    area: 'Daemon',
  },
  logLevel: {
    flag: 'log-level',
    key: ['logLevel'],
    type: choice(['debug', 'info', 'warn', 'error']),
    default: () => 'info',
    defaultText: 'info',
    description: 'The least serious entries that are logged.',
    since: '0.1.0',
    change: 'reload',
    area: 'Daemon',
  },
  logFormat: {
    flag: 'log-format',
    key: ['logFormat'],
    type: choice(['auto', 'json', 'pretty']),
    default: () => 'auto',
    defaultText: 'auto',
    description: '`auto` is `pretty` on a terminal and `json` elsewhere.',
    since: '0.1.0',
    change: 'restart',
    area: 'Daemon',
  },
};

/** The names of all settings, in order of documentation. */
export const optionNames: readonly (keyof Configuration)[] = typedKeys(schema);

/** The key in dotted form, `ingress.http`, as messages and documentation write it. */
export function keyText(option: { readonly key: readonly string[] }): string {
  return option.key.join('.');
}

function typedKeys<T extends object>(table: T): readonly (keyof T)[] {
  // Object.keys is typed for objects that may have more keys than their type says; a literal has not.
  return Object.keys(table) as (keyof T)[];
}
