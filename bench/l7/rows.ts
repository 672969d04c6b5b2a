import { cases } from './cases.ts';
import { fullHandshakes, resumedHandshakes } from './handshakes.ts';
import { idleConnections } from './idle-connections.ts';
import type { Row } from './row.ts';
import { tailLatency } from './tail-latency.ts';
import { throughput } from './throughput.ts';
import { twoWorkers } from './two-workers.ts';

/** All of them, in the order in which they run. */
export const rows: readonly Row[] = [
  ...cases.map(throughput),
  fullHandshakes,
  resumedHandshakes,
  twoWorkers,
  tailLatency,
  idleConnections,
];
