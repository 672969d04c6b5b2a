import type { Clock, Log } from '../../controller/base/index.ts';
import type { SumQuery, SumRow } from '../metrics/sums.ts';
import type { Readiness } from './readiness.ts';

/** Nobody wonders sooner. */
const startEveryMs = 2_000;
const drainEveryMs = 5_000;

/** Says in the log what a start still waits for, until disposed. */
export function tellStart(readiness: Readiness, clock: Clock, log: Log): Disposable {
  const startedMs = clock.nowMs();
  return repeat(clock, startEveryMs, () => {
    const waitingFor = readiness.describe().trim().split('\n');
    log.info({ waitingFor, tookMs: Math.round(clock.nowMs() - startedMs) }, 'starting');
  });
}

const levels: readonly SumQuery[] = [
  { metric: 'portolan_ingress_active_requests', by: [] },
  { metric: 'portolan_ingress_connections', by: [] },
  { metric: 'portolan_l4_connections_active', by: [] },
];

/** Says in the log what a drain still waits for, until disposed. */
export function tellDrain(
  read: (
    queries: readonly SumQuery[],
  ) => Promise<ReadonlyMap<number, readonly SumRow[] | undefined>>,
  clock: Clock,
  log: Log,
): Disposable {
  const startedMs = clock.nowMs();
  return repeat(clock, drainEveryMs, () => {
    void read(levels).then((byProcess) => {
      const rows = [...byProcess.values()].flatMap((one) => one ?? []);
      const left = (metric: string): number =>
        rows.filter((row) => row.metric === metric).reduce((sum, { value }) => sum + value, 0);
      log.info(
        {
          requests: left('portolan_ingress_active_requests'),
          httpConnections: left('portolan_ingress_connections'),
          l4Connections: left('portolan_l4_connections_active'),
          tookMs: Math.round(clock.nowMs() - startedMs),
        },
        'still draining',
      );
    });
  });
}

function repeat(clock: Clock, everyMs: number, say: () => void): Disposable {
  let timer = clock.schedule(everyMs, tick);
  function tick(): void {
    say();
    timer = clock.schedule(everyMs, tick);
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
