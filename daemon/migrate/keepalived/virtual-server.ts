import { isIP } from 'node:net';
import type { EndpointSlice, Protocol, Service } from '../../../controller/objects/index.ts';
import { readChecker } from './checker.ts';
import { find, type Statement } from './statements.ts';
import { objectName, type Translation } from './translation.ts';

const namespace = 'default';

/** Translates a `virtual_server` into a Service with an external IP and the slice behind it. */
export function translateVirtualServer(
  statement: Statement,
  groups: ReadonlyMap<string, Statement>,
  to: Translation,
): void {
  const addresses = readAddresses(statement, groups, to);
  const body = statement.body ?? [];
  const protocol = readProtocol(find(body, 'protocol'), to);
  for (const [index, { address, port }] of addresses.entries()) {
    const name = objectName(`vs-${address}-${port}`);
    const servers = body.filter(({ keyword }) => keyword === 'real_server');
    const annotations = readAnnotations(body, servers, index === 0 ? to : undefined);
    const timeoutSeconds = persistence(body);
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name, annotations },
      spec: {
        externalIPs: [address],
        ports: [{ port, protocol }],
        ...(timeoutSeconds !== undefined && {
          sessionAffinity: 'ClientIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds } },
        }),
      },
    };
    to.objects.push(service, ...slices(name, address, servers, protocol));
  }
  if (addresses.length === 0) return;
  noteOthers(body, to);
  for (const { keyword, body: own } of body)
    if (keyword === 'real_server') noteOthers(own ?? [], to);
}

interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

function readAddresses(
  statement: Statement,
  groups: ReadonlyMap<string, Statement>,
  to: Translation,
): readonly ServerAddress[] {
  const [first = '', second = ''] = statement.args;
  if (first === 'fwmark') {
    to.unsupported(statement, 'packets are not chosen by mark: write the addresses as externalIPs');
    return [];
  }
  if (first !== 'group') return oneAddress(first, second, statement, to);
  const group = groups.get(second);
  if (!group) {
    to.unsupported(statement, `there is no virtual_server_group ${second}: left out`);
    return [];
  }
  return (group.body ?? []).flatMap((one) => oneAddress(one.keyword, one.args[0] ?? '', one, to));
}

function oneAddress(
  address: string,
  portText: string,
  statement: Statement,
  to: Translation,
): readonly ServerAddress[] {
  const port = Number(portText);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) {
    const addresses = addressRange(address);
    if (addresses.length > 0) return addresses.map((one) => ({ address: one, port }));
  }
  to.unsupported(statement, 'only an address and a port from 1 to 65535 can be translated');
  return [];
}

/** `192.0.2.3-10` means 192.0.2.3 to 192.0.2.10; empty for what is no address. */
function addressRange(text: string): readonly string[] {
  if (isIP(text) !== 0) return [text];
  const {
    net = '',
    from = '',
    to = '',
  } = /^(?<net>\d+\.\d+\.\d+)\.(?<from>\d+)-(?<to>\d+)$/.exec(text)?.groups ?? {};
  const count = Number(to) - Number(from) + 1;
  if (net === '' || count < 1 || count > 256) return [];
  const addresses = Array.from({ length: count }, (_, index) => `${net}.${Number(from) + index}`);
  return addresses.every((one) => isIP(one) === 4) ? addresses : [];
}

function readProtocol(statement: Statement | undefined, to: Translation): Protocol {
  const [text = 'TCP'] = statement?.args ?? [];
  if (text === 'TCP' || text === 'UDP' || text === 'SCTP') return text;
  if (statement) to.unsupported(statement, `"${text}" is no protocol of a Service: TCP is written`);
  return 'TCP';
}

/** LVS schedulers, and what comes nearest. */
const algorithms: Readonly<Record<string, readonly [algorithm: string, difference?: string]>> = {
  rr: ['round-robin'],
  wrr: ['weighted'],
  lc: ['least-conn'],
  wlc: ['least-conn'],
  sed: ['least-conn', 'the shortest expected delay is not told from the fewest connections'],
  nq: ['least-conn', 'an idle endpoint is not preferred beyond having the fewest connections'],
  twos: ['p2c'],
  sh: ['ip_hash', 'by rendezvous hashing: a lost endpoint moves its own clients alone'],
  mh: ['ip_hash', 'by rendezvous hashing: a lost endpoint moves its own clients alone'],
  fo: ['weighted', 'no order of preference: every endpoint gets its share'],
};

/** Algorithm, weights and check. Remarks are made once, for the first address of a group. */
function readAnnotations(
  body: readonly Statement[],
  servers: readonly Statement[],
  to: Translation | undefined,
): Record<string, string> {
  const annotations: Record<string, string> = {};
  const scheduler = find(body, 'lvs_sched') ?? find(body, 'lb_algo');
  if (scheduler) {
    const [algorithm, difference] = algorithms[scheduler.args[0] ?? ''] ?? [];
    if (algorithm === undefined) to?.unsupported(scheduler, 'the default, weighted, is used');
    else annotations['portolan.dev/load-balancing'] = algorithm;
    if (difference !== undefined) to?.differs(scheduler, difference);
  }
  const weights = servers.flatMap((server) => {
    const weight = find(server.body ?? [], 'weight')?.args[0];
    return weight === undefined || weight === '1' ? [] : [`${server.args[0]}=${weight}`];
  });
  if (weights.length > 0) annotations['portolan.dev/weights'] = weights.join(', ');
  const [first] = servers;
  if (first) Object.assign(annotations, readChecker(body, servers, to));
  return annotations;
}

/** Seconds; keepalived means six minutes when it says no more than the word. */
function persistence(body: readonly Statement[]): number | undefined {
  const statement = find(body, 'persistence_timeout');
  if (!statement) return undefined;
  const seconds = Number(statement.args[0] ?? 360);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** One slice for each port that endpoints listen on. */
function slices(
  name: string,
  address: string,
  servers: readonly Statement[],
  protocol: Protocol,
): readonly EndpointSlice[] {
  const family = isIP(address) === 6 ? 'IPv6' : 'IPv4';
  const byPort = Map.groupBy(servers, ({ args }) => Number(args[1]));
  return [...byPort].map(([port, group]) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name: byPort.size === 1 ? name : `${name}-${port}`,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: family,
    ports: [{ port, protocol }],
    endpoints: group.map(({ args }) => ({ addresses: [args[0] ?? ''] })),
  }));
}

const notes: Readonly<Record<string, readonly ['differs' | 'unsupported' | 'ignored', string]>> = {
  lvs_method: ['differs', 'packets are translated (NAT), never routed directly or tunnelled'],
  lb_kind: ['differs', 'packets are translated (NAT), never routed directly or tunnelled'],
  sorry_server: [
    'unsupported',
    'no Service stands in for another: alert on portolan_health_endpoints',
  ],
  quorum: ['unsupported', 'one ready endpoint is enough'],
  hysteresis: ['unsupported', 'one ready endpoint is enough'],
  quorum_up: ['unsupported', 'no script is run: alert on portolan_health_endpoints'],
  quorum_down: ['unsupported', 'no script is run: alert on portolan_health_endpoints'],
  alpha: ['ignored', 'endpoints count as down until their first check, as alpha asks for'],
  omega: ['ignored', 'forwarding in the kernel goes on when the daemon stops'],
  inhibit_on_failure: ['differs', 'a failing endpoint gets nothing new; its connections go on'],
  notify_up: ['unsupported', 'no script is run: alert on portolan_health_transitions_total'],
  notify_down: ['unsupported', 'no script is run: alert on portolan_health_transitions_total'],
  uthreshold: ['unsupported', 'connections to an endpoint are not limited'],
  lthreshold: ['unsupported', 'connections to an endpoint are not limited'],
  virtualhost: ['ignored', 'it is taken as the Host of the check'],
};

function noteOthers(body: readonly Statement[], to: Translation): void {
  for (const one of body) {
    const [verdict, text] = notes[one.keyword] ?? [];
    if (verdict === undefined || text === undefined) continue;
    // NAT is what every plane does.
    if (one.args[0] === 'NAT') continue;
    to.note(one, verdict, text);
  }
}
