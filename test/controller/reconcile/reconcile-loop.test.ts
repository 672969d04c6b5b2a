import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import { objectKey } from '../../../controller/objects/index.ts';
import { type LoopContext, ReconcileLoop } from '../../../controller/reconcile/reconcile-loop.ts';
import type { Plan, Reconciler } from '../../../controller/reconcile/reconciler.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { configMap } from '../store/objects.ts';

const setUp = () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  const problems = new ProblemBook();
  const meter = new MemoryMeter();
  const context = { store, clock, problems, meter, random: seededRandom(1), log: silentLog };
  return { ...context, context: context satisfies LoopContext };
};

const reconcilerOf = (plan: (key: string) => Plan): Reconciler => ({
  name: 'test',
  kinds: ['ConfigMap'],
  observe: ({ object }) => [objectKey(object.metadata)],
  plan,
});

test('nothing is planned before the whole list is known', async () => {
  const { store, context } = setUp();
  await store.create(configMap('a/one'));
  await store.create(configMap('a/two'));
  const planned: string[] = [];
  await using loop = new ReconcileLoop(
    reconcilerOf((key) => {
      planned.push(key);
      return { operations: [], problems: [] };
    }),
    context,
  );
  equal(loop.isIdle, false);
  await loop.idle();
  deepEqual(planned, ['a/one', 'a/two']);
});

test('an empty store is idle once it has said so', async () => {
  const { context } = setUp();
  await using loop = new ReconcileLoop(
    reconcilerOf(() => ({ operations: [], problems: [] })),
    context,
  );
  equal(loop.isIdle, false);
  await loop.idle();
  equal(loop.isIdle, true);
});

test('a plan that throws or a write that fails is tried again; others go on', async () => {
  const { store, context, clock, meter } = setUp();
  const tries: string[] = [];
  await using loop = new ReconcileLoop(
    reconcilerOf((key) => {
      tries.push(key);
      const first = tries.filter((one) => one === key).length === 1;
      if (key === 'a/throws' && first) throw new Error('boom');
      const fails = key === 'a/fails' && first;
      return {
        operations: fails ? [{ kind: 'update', object: configMap('a/gone') }] : [],
        problems: [],
      };
    }),
    context,
  );
  for (const name of ['fails', 'fine', 'throws']) await store.create(configMap(`a/${name}`));
  await loop.idle();
  deepEqual(tries, ['a/fails', 'a/fine', 'a/throws']);
  clock.advance(50);
  await loop.idle();
  deepEqual(tries.slice(3).toSorted(), ['a/fails', 'a/throws']);
  equal(
    meter.values.get('portolan_controller_reconciles_total{reconciler="test",result="failed"}'),
    2,
  );
});

test('problems stand until the next plan of the key', async () => {
  const { store, context, problems } = setUp();
  let wrong = true;
  const problem = { severity: 'warning', reason: 'Odd', message: 'odd' } as const;
  await using loop = new ReconcileLoop(
    reconcilerOf(() => ({ operations: [], problems: wrong ? [problem] : [] })),
    context,
  );
  await store.create(configMap('a/one'));
  await loop.idle();
  deepEqual(problems.reasons, ['Odd']);
  wrong = false;
  await store.update(configMap('a/one', { changed: 'yes' }));
  await loop.idle();
  deepEqual(problems.reasons, []);
});

test('a stopped loop plans no more and wakes those who wait', async () => {
  const { store, context, clock } = setUp();
  let plans = 0;
  const loop = new ReconcileLoop(
    reconcilerOf(() => {
      plans += 1;
      throw new Error('boom');
    }),
    context,
  );
  await store.create(configMap('a/one'));
  await loop.idle();
  await loop[Symbol.asyncDispose]();
  clock.advance(60_000);
  await store.update(configMap('a/one', { changed: 'yes' }));
  await loop.idle();
  equal(plans, 1);
  equal(clock.pending, 0);
});
