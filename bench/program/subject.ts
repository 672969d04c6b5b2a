/**
 * What is measured: the daemon's own way from a store write to a rule in force, in one process
 * inside the node's namespace, told what to do by JSON lines.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { silentLog, systemClock } from '../../controller/base/index.ts';
import { createMemoryStore } from '../../controller/store/index.ts';
import { defaults } from '../../daemon/check/compile-once.ts';
import { PrometheusMeter } from '../../daemon/metrics/prometheus-meter.ts';
import { createCompilers } from '../../daemon/up/compilers.ts';
import { collectGarbage } from '../../daemon/up/collect-garbage.ts';
import { createKernelPlane, type KernelMode } from '../../daemon/up/kernel-plane.ts';
import { KernelRunner } from '../../daemon/up/kernel-runner.ts';
import { Pipeline } from '../../daemon/up/pipeline.ts';
import { parseCidr, type ServiceDiff, type ServiceTable } from '../../proxy/index.ts';
import { type ClusterSize, podCidr, serviceObject, sliceObject } from './cluster.ts';

/** The job, as the only argument. `version`: which endpoints the Services begin with. */
export interface Job extends ClusterSize {
  readonly mode: KernelMode;
  readonly version: number;
}

export type Order =
  | { readonly kind: 'changes'; readonly count: number }
  | { readonly kind: 'churn'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'memory' }
  /** Whether the kernel has what it should: how much a second plane would write. */
  | { readonly kind: 'verify' };

export interface Started {
  readonly coldMs: number;
  /** Transactions that changed something. */
  readonly writes: number;
}

export interface Changes {
  /** From the store write to the rule in force. */
  readonly timesMs: readonly number[];
}

export interface Churn {
  readonly changes: number;
  readonly tookMs: number;
  /** From the last store write until everything was in force. */
  readonly settledMs: number;
  readonly cpuSec: number;
}

/** What is left after a full collection: what is really kept. */
export interface Memory {
  readonly heapMiB: number;
  /** Buffers and what else V8 knows of outside its heap. */
  readonly externalMiB: number;
  readonly residentMiB: number;
  /** The most that was resident since this was asked before. */
  readonly peakMiB: number;
}

const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const settings = {
  ...defaults(),
  clusterCidrs: [podCidr].flatMap((text) => parseCidr(text) ?? []),
  serviceCidrs: [],
};
const meter = new PrometheusMeter();
const context = {
  log: silentLog,
  meter,
  clock: systemClock,
  problems: {
    replace(source: string, problems: readonly { readonly message: string }[]) {
      if (source.startsWith('compile/')) return;
      for (const { message } of problems) console.error(`${source}: ${message}`);
    },
  },
};
const plane = createKernelPlane(job.mode, settings, context);
const store = createMemoryStore({ clock: systemClock, log: silentLog });
let applied = 0;
let waiting: { readonly generation: number; readonly resolve: () => void } | undefined;
const runner = new KernelRunner(plane, context.problems, {
  applied(generation) {
    applied = generation;
    if (waiting && generation >= waiting.generation) waiting.resolve();
  },
  impossible(error) {
    throw error;
  },
});
const pipeline = new Pipeline({
  store,
  ...context,
  ...createCompilers(settings),
  nodeName: settings.nodeName,
  publish(name, table, diff) {
    // The type of `table` follows `name`, which the type checker does not see here.
    if (name === 'l4') runner.publish(table as ServiceTable, diff as ServiceDiff | undefined);
  },
});

/** Resolves once the table of that generation, or a later one, is in force. */
async function inForce(generation: number): Promise<void> {
  if (applied >= generation) return;
  await new Promise<void>((resolve) => {
    waiting = { generation, resolve };
  });
}

let written = 0;
/**
 * Changes one Service after another, never the live one, in no order that memory would like. Each
 * time around has a version of its own: equal content would be no change, and cost nothing.
 */
async function write(): Promise<void> {
  const others = job.services - 1;
  const service = 1 + ((written * 7919) % others);
  const version = job.version + 1 + Math.floor(written / others);
  written += 1;
  await store.update({ ...sliceObject(service, job, version), kind: 'EndpointSlice' });
}

async function start(): Promise<Started> {
  const operations = Array.from({ length: job.services }, (_, service) => [
    { kind: 'put' as const, object: serviceObject(service) },
    { kind: 'put' as const, object: sliceObject(service, job, job.version) },
  ]).flat();
  const failed = (await store.writeAll(operations)).find((one) => one.kind === 'failed');
  if (failed?.kind === 'failed') throw failed.error;
  const startedMs = performance.now();
  await pipeline.start();
  await inForce(1);
  return { coldMs: performance.now() - startedMs, writes: plane.writes };
}

async function changes(count: number): Promise<Changes> {
  const timesMs: number[] = [];
  for (let change = 0; change < count; change += 1) {
    const startedMs = performance.now();
    const generation = applied + 1;
    await write();
    await inForce(generation);
    timesMs.push(performance.now() - startedMs);
  }
  return { timesMs };
}

function memory(): Memory {
  const peakMiB = process.resourceUsage().maxRSS / 2 ** 10;
  collectGarbage();
  // "5" begins the measurement of the peak anew: proc(5).
  writeFileSync('/proc/self/clear_refs', '5');
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    heapMiB: heapUsed / 2 ** 20,
    externalMiB: external / 2 ** 20,
    residentMiB: rss / 2 ** 20,
    peakMiB,
  };
}

async function churn(perSecond: number, seconds: number): Promise<Churn> {
  const total = Math.round(perSecond * seconds);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const writes: Promise<void>[] = [];
  for (let count = 0; count < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1000) * perSecond));
    for (; count < due; count += 1) writes.push(write());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(writes);
  const writtenMs = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  await inForce(pipeline.tables.l4?.generation ?? 0);
  const { user, system } = process.cpuUsage(cpu);
  return {
    changes: total,
    tookMs: performance.now() - startedMs,
    settledMs: performance.now() - writtenMs,
    cpuSec: (user + system) / 1e6,
  };
}

async function verify(): Promise<number> {
  const { l4 } = pipeline.tables;
  await using second = createKernelPlane(job.mode, settings, context);
  if (l4) await second.apply(l4, undefined);
  return second.writes;
}

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'changes':
      return await changes(order.count);
    case 'churn':
      return await churn(order.perSecond, order.seconds);
    case 'memory':
      return memory();
    case 'verify':
      return await verify();
  }
}

console.log(JSON.stringify(await start()));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await obey(JSON.parse(line) as Order)));
}
pipeline[Symbol.dispose]();
await runner[Symbol.asyncDispose]();
