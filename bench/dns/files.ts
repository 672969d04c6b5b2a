import type { Address } from '../l4/peer.ts';

const suffix = 'bench.svc.cluster.local';

/** Names of the Services. */
export function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `service-${i}`);
}

/** What dnsperf asks, in an order that favours no cache. */
export function queries(count: number): string {
  return `${names(count)
    .map((_, i) => `service-${(i * 7919) % count}.${suffix} A`)
    .join('\n')}\n`;
}

/** One ClusterIP Service for each name. */
export function serviceYaml(services: readonly string[]): string {
  return services
    .map(
      (name) =>
        `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: bench}\nspec: {ports: [{name: http, port: 80}]}\n`,
    )
    .join('---\n');
}

const address = (i: number): string => `10.96.${i >> 8}.${i & 255}`;

const unboundCommon = `  num-threads: 1
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "/tmp"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 0
  incoming-num-tcp: 100
  module-config: "iterator"
`;

/** Names that no cluster has. */
export function outsideQueries(count: number): string {
  return `${Array.from({ length: count }, (_, i) => `host-${(i * 7919) % count}.outside.example A`).join('\n')}\n`;
}

/** Everything asked of one upstream, and kept; one thread. */
export function forwardingUnboundConfig({ host, port }: Address, upstream: Address): string {
  return `server:
  interface: ${host}@${port}
${unboundCommon}  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: ${upstream.host}@${upstream.port}
remote-control:
  control-enable: no
`;
}

/** The same names as local data, one thread. */
export function unboundConfig(
  { host, port }: Address,
  count: number,
  tls: { readonly at: Address; readonly cert: string; readonly key: string },
): string {
  const data = names(count).map(
    (name, i) => `  local-data: "${name}.${suffix}. 5 IN A ${address(i)}"`,
  );
  return `server:
  interface: ${host}@${port}
  interface: ${tls.at.host}@${tls.at.port}
  tls-port: ${tls.at.port}
  tls-service-key: "${tls.key}"
  tls-service-pem: "${tls.cert}"
${unboundCommon}  local-zone: "cluster.local." static
${data.join('\n')}
remote-control:
  control-enable: no
`;
}

/** The same names as address records. */
export function dnsmasqConfig({ host, port }: Address, count: number): string {
  const data = names(count).map((name, i) => `host-record=${name}.${suffix},${address(i)},5`);
  return `port=${port}
listen-address=${host}
bind-interfaces
no-resolv
no-hosts
user=
pid-file=
${data.join('\n')}
`;
}
