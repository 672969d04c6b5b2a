import { DataPlaneError } from '../../../controller/base/index.ts';
import { canonicalAddress } from '../../compile/index.ts';
import { targetId } from '../../balancer/index.ts';
import type { RunCommand } from './run-command.ts';

/** Live flows by `PROTOCOL address:port` of who answers them: the endpoint. */
export type FlowCounts = ReadonlyMap<string, number>;

const line =
  /^(tcp|udp|sctp)\s+\d+ \d+ (?:([A-Z_]+) )?src=\S+ dst=\S+ sport=\d+ dport=\d+ (?:packets=\d+ bytes=\d+ )?(?:\[UNREPLIED\] )?src=(\S+) dst=\S+ sport=(\d+) /;

/** TCP and SCTP flows that an endpoint works on; those that are ending do not count. */
const busy = new Set(['SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'COOKIE_WAIT', 'COOKIE_ECHOED']);

/**
 * Counts what conntrack tracks now: one dump, whatever the number of Services.
 * @throws DataPlaneError `ConntrackFailed`, `ProgramMissing`
 */
export async function countFlows(run: RunCommand): Promise<FlowCounts> {
  const counts = new Map<string, number>();
  for (const family of ['ipv4', 'ipv6']) {
    const { exitCode, stdout, stderr } = await run('conntrack', ['-L', '-f', family]);
    if (exitCode !== 0) throw new DataPlaneError('ConntrackFailed', stderr.slice(0, 200), true);
    for (const text of stdout.split('\n')) {
      const endpoint = endpointOf(text);
      if (endpoint !== undefined) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    }
  }
  return counts;
}

/** Who answers the flow of one line of `conntrack -L`; undefined: nobody, or it is ending. */
export function endpointOf(text: string): string | undefined {
  const [, protocol, state, address = '', port] = line.exec(text) ?? [];
  if (protocol === undefined || (state !== undefined && !busy.has(state))) return undefined;
  const target = targetId(canonicalAddress(address) ?? address, Number(port));
  return `${protocol.toUpperCase()} ${target}`;
}
