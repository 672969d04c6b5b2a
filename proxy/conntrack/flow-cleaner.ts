import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BoundCounter,
  type BoundHistogram,
  type Clock,
  DataPlaneError,
  describeError,
  type Log,
  type Meter,
  type Problem,
  type ProblemSink,
} from '../../controller/base/index.ts';
import type { ServiceDiff, ServicePort, ServiceTable } from '../compile/table.ts';
import type { NodeAddresses, RunCommand, SyncObserver } from '../planes/kernel/index.ts';
import { deletionOf, parseFlow, type UdpFlow } from './flow.ts';
import { AllowedEndpoints } from './stale-flows.ts';

export interface FlowCleanerOptions {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly problems: ProblemSink;
  readonly run: RunCommand;
  readonly node: NodeAddresses;
}

const problemSource = 'proxy/conntrack';

/** Deletions in one run of `conntrack`. */
const deletionsTogether = 5_000;

/**
 * Deletes UDP flows that conntrack would keep sending to endpoints that are gone: after the new
 * rules are in force, off the sync path, with one dump and one batch for all changes since the
 * last time. TCP flows end by themselves and are never touched.
 */
export class FlowCleaner implements SyncObserver {
  readonly #options: FlowCleanerOptions;
  readonly #duration: BoundHistogram;
  readonly #deleted: BoundCounter;
  /** What changed and has not been looked after. By key, the newest state of each. */
  #pending = new Map<string, { before: ServicePort | undefined; after: ServicePort | undefined }>();
  #running: Promise<void> | undefined = undefined;
  #stopped = false;

  constructor(options: FlowCleanerOptions) {
    this.#options = options;
    this.#duration = options.meter
      .histogram({
        name: 'kubeproxy_conntrack_reconciler_sync_duration_seconds',
        help: 'Time that looking for stale UDP flows took.',
        buckets: Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power),
      })
      .bind();
    this.#deleted = options.meter
      .counter({
        name: 'kubeproxy_conntrack_reconciler_deleted_entries_total',
        help: 'Stale UDP flows deleted.',
      })
      .bind();
  }

  synced(_: ServiceTable, diff: ServiceDiff, before: ReadonlyMap<string, ServicePort>): void {
    for (const port of diff.upserted) this.#note(port.key, before.get(port.key), port);
    for (const key of diff.removed) this.#note(key, before.get(key), undefined);
    if (this.#pending.size > 0 && !this.#stopped) this.#running ??= this.#work();
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.settled();
    this.#options.problems.replace(problemSource, []);
  }

  #note(key: string, before: ServicePort | undefined, after: ServicePort | undefined): void {
    if ((after ?? before)?.protocol !== 'UDP') return;
    this.#pending.set(key, { before: this.#pending.get(key)?.before ?? before, after });
  }

  async #work(): Promise<void> {
    try {
      while (this.#pending.size > 0 && !this.#stopped) await this.#clean();
      this.#options.problems.replace(problemSource, []);
    } catch (error) {
      // The next change tries again; until then some flows may go astray.
      this.#options.log.error({ error: describeError(error) }, 'conntrack clean-up failed');
      this.#options.problems.replace(problemSource, [notCleaned(error)]);
    } finally {
      this.#running = undefined;
    }
  }

  async #clean(): Promise<void> {
    const { clock, node } = this.#options;
    const startedMs = clock.nowMs();
    const judged = [...this.#pending.values()];
    this.#pending = new Map();
    const allowed = new AllowedEndpoints();
    for (const { before, after } of judged) {
      if (before) allowed.judge(before);
      if (after) allowed.judge(after);
    }
    for (const { after } of judged) if (after) allowed.allow(after);
    const nodeAddresses = new Set([...node.primary, ...node.all()]);
    const stale = await this.#list((flow) =>
      allowed.isStale(flow, (address) => nodeAddresses.has(address)),
    );
    for (let from = 0; from < stale.length; from += deletionsTogether) {
      await this.#delete(stale.slice(from, from + deletionsTogether));
    }
    this.#deleted.inc(stale.length);
    this.#duration.observe((clock.nowMs() - startedMs) / 1000);
  }

  /** By a file: conntrack opens its input by name, which a socket on standard input has none of. */
  async #delete(flows: readonly UdpFlow[]): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'portolan-flows-'));
    try {
      const file = join(folder, 'deletions');
      await writeFile(file, `${flows.map(deletionOf).join('\n')}\n`);
      // A flow that ended meanwhile is no failure for conntrack, nor for us.
      const result = await this.#options.run('conntrack', ['-R', file]);
      if (result.exitCode !== 0) throw failure(result.stderr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #list(isWanted: (flow: UdpFlow) => boolean): Promise<readonly UdpFlow[]> {
    const { exitCode, stdout, stderr } = await this.#options.run('conntrack', ['-L', '-p', 'udp']);
    if (exitCode !== 0) throw failure(stderr);
    const found: UdpFlow[] = [];
    for (const text of stdout.split('\n')) {
      const flow = parseFlow(text);
      if (flow && isWanted(flow)) found.push(flow);
    }
    return found;
  }
}

function notCleaned(error: unknown): Problem {
  const isMissing = error instanceof DataPlaneError && error.code === 'ProgramMissing';
  return {
    severity: 'warning',
    reason: isMissing ? 'ProgramMissing' : 'ConntrackFailed',
    message: `UDP flows to endpoints that are gone were not deleted, and may go on into nothing for two minutes: ${describeError(error)}`,
    instead: isMissing
      ? 'install the package conntrack'
      : 'run as root or with CAP_NET_ADMIN, with nf_conntrack in the kernel',
  };
}

function failure(stderr: string): DataPlaneError {
  return new DataPlaneError('ConntrackFailed', stderr.trim().slice(0, 200), true);
}
