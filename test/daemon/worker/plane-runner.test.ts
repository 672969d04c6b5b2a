import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ApplyReport, Plane } from '../../../controller/base/index.ts';
import { PlaneRunner } from '../../../daemon/worker/plane-runner.ts';
import type { FromWorker } from '../../../daemon/worker/protocol.ts';
import type { ServiceDiff, ServiceTable } from '../../../proxy/compile/table.ts';

/** A plane that applies when the test says so. */
class SlowPlane implements Plane<ServiceTable, ServiceDiff> {
  readonly name: string = 'slow';
  readonly calls: { generation: number; withDiff: boolean }[] = [];
  #release: (() => void)[] = [];
  fail: boolean = false;

  async apply(next: ServiceTable, diff: ServiceDiff | undefined): Promise<ApplyReport> {
    const { generation } = next;
    this.calls.push({ generation, withDiff: diff !== undefined });
    await new Promise<void>((resolve) => this.#release.push(resolve));
    if (this.fail) throw new Error('no more sockets');
    return { generation, problems: [] };
  }

  /** Lets the call under way end. */
  async step(): Promise<void> {
    this.#release.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async drain(): Promise<void> {}
  addresses(): [] {
    return [];
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

function start(): {
  plane: SlowPlane;
  runner: PlaneRunner<'l4'>;
  sent: FromWorker[];
  diffTo: (generation: number) => void;
} {
  const plane = new SlowPlane();
  const sent: FromWorker[] = [];
  const runner = new PlaneRunner('l4', plane, (message) => sent.push(message));
  runner.take({ kind: 'snapshot', plane: 'l4', table: { generation: 1, ports: new Map() } });
  const diffTo = (generation: number): void =>
    runner.take({
      kind: 'diff',
      plane: 'l4',
      generation,
      diff: { fromGeneration: generation - 1, upserted: [], removed: [] },
    });
  return { plane, runner, sent, diffTo };
}

test('calls never overlap, and each diff is applied', async () => {
  const { plane, runner, sent, diffTo } = start();
  diffTo(2);
  diffTo(3);
  equal(plane.calls.length, 1);
  for (let i = 0; i < 3; i += 1) await plane.step();
  await runner.idle();
  deepEqual(plane.calls, [
    { generation: 1, withDiff: false },
    { generation: 2, withDiff: true },
    { generation: 3, withDiff: true },
  ]);
  deepEqual(
    sent.map((message) => message.kind === 'applied' && message.generation),
    [1, 2, 3],
  );
});

test('a plane that fell behind gets the newest table at once', async () => {
  const { plane, runner, diffTo } = start();
  for (let generation = 2; generation <= 50; generation += 1) diffTo(generation);
  await plane.step();
  await plane.step();
  await runner.idle();
  deepEqual(plane.calls, [
    { generation: 1, withDiff: false },
    { generation: 50, withDiff: false },
  ]);
});

test('a table that the plane refuses is told, and the next one is tried', async () => {
  const { plane, runner, sent, diffTo } = start();
  plane.fail = true;
  await plane.step();
  plane.fail = false;
  diffTo(2);
  await plane.step();
  await runner.idle();
  deepEqual(
    sent.map((message) => message.kind),
    ['refused', 'applied'],
  );
});
