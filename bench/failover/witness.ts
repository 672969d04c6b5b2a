import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Bed, vip } from './bed.ts';
import { entry, startDaemon } from './daemon.ts';

const etcdPort = 2379;
/** For how long adverts are lost. */
export const splitMs: number = 6000;
const leaseMs = 3000;

/** What comes of adverts that are lost both ways, with and without a witness. */
export interface SplitOutcome {
  readonly witness: string;
  /** For how long both nodes held the address, of the time that adverts were lost. */
  readonly bothHeldMs: number;
  /** From the power cut of the holder to an answer of the other. */
  readonly takeoverMs: number;
  /** What the first node's `portolan get vips` said meanwhile. */
  readonly transcript: string;
}

/** Two nodes that share etcd, on the third machine; adverts are dropped at both. */
export async function measureSplit(
  prefer: 'Consistency' | 'Availability' | undefined,
): Promise<SplitOutcome> {
  using bed = new Bed();
  await bed.serve();
  const url = `http://10.9.0.3:${etcdPort}`;
  const args = ['--data-dir', `${bed.directory}/etcd`, '--log-level', 'error', '--logger', 'zap'];
  args.push('--listen-client-urls', url, '--advertise-client-urls', url);
  bed.run(3, 'etcd', ...args);
  await sleep(2000);
  const flags = ['--etcd', url, '--proxy-mode', 'none'];
  for (const host of [1, 2]) await startDaemon(bed, host, manifest(prefer), ...flags);
  const patienceMs = 5 * leaseMs;
  await bed.whenHeldBy([1], patienceMs);
  for (const host of [1, 2]) bed.firewall(host, true);
  let bothHeldMs = 0;
  const startMs = performance.now();
  for (let lastMs = startMs; lastMs - startMs < splitMs; ) {
    await sleep(20);
    const nowMs = performance.now();
    if (bed.holders().length === 2) bothHeldMs += nowMs - lastMs;
    lastMs = nowMs;
  }
  const transcript = bed.output(1, process.execPath, entry, 'get', 'vips', '-o', 'wide');
  for (const host of [1, 2]) bed.firewall(host, false);
  await sleep(1500);
  const cutMs = performance.timeOrigin + performance.now();
  bed.connect(1, false);
  const answer: Answer = await bed.answeredBy('2', cutMs, patienceMs);
  const takeoverMs = answer.atMs - cutMs;
  return { witness: prefer ?? 'none', bothHeldMs, takeoverMs, transcript };
}

function manifest(prefer: string | undefined): string {
  return `apiVersion: portolan.dev/v1alpha1
kind: VirtualIP
metadata: { name: front }
spec:
  interface: eth0
  addresses: [${vip}/24]
  virtualRouterID: 51
  advertInterval: 100ms
  nodes:
    - { name: node-1, priority: 200 }
    - { name: node-2, priority: 100 }
${prefer ? `  witness: { prefer: ${prefer}, leaseDuration: ${leaseMs}ms }\n` : ''}`;
}
