/**
 * Puts load on a durable store, for the benchmark of stores, and prints what came of it as JSON.
 * `create PATH CLIENTS COUNT`: so many objects from so many clients at once.
 * `change PATH COUNT`: so many changes of a thousand objects; tells the memory in MiB that is
 * kept on the way, after collections of garbage: `heapMiB` of it on the heap.
 * `find PATH`: how many of the names on standard input the store lacks.
 */
import { readFileSync } from 'node:fs';
import type { DurableStore } from '../../../../controller/store/sqlite/durable-store.ts';
import { collectGarbage } from '../../../../daemon/up/collect-garbage.ts';
import { service } from '../objects.ts';
import { openStore } from './scratch.ts';

const [, , what = '', path = '', first = '0', second = '0'] = process.argv;

async function create(store: DurableStore, clients: number, count: number): Promise<object> {
  const latenciesMs: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < count) {
        const asked = performance.now();
        next += 1;
        await store.create(service(`load/s${next}`, { ports: [{ port: 80 }] }));
        latenciesMs.push(performance.now() - asked);
      }
    }),
  );
  return { ms: performance.now() - started, latenciesMs };
}

/** Without garbage: objects that leave a history have grown old, and V8 lets those lie for long. */
function keptMiB(): readonly [resident: number, heap: number] {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return [Math.round(rss / 2 ** 20), Math.round(heapUsed / 2 ** 17) / 8];
}

async function change(store: DurableStore, count: number): Promise<object> {
  const kept: (readonly [resident: number, heap: number])[] = [];
  for (let n = 0; n < count; n += 100) {
    const operations = Array.from({ length: 100 }, (_, i) => {
      const object = service(`load/s${(n + i) % 1000}`, { externalName: `v${n + i}.example` });
      return { kind: 'put', object } as const;
    });
    await store.writeAll(operations);
    if (n % (count / 10) === 0) kept.push(keptMiB());
  }
  kept.push(keptMiB());
  const memoryMiB = kept.map(([resident]) => resident);
  const heapMiB = kept.map(([, heap]) => heap);
  return { memoryMiB, heapMiB, versions: Number(store.resourceVersion) };
}

function find(store: DurableStore): object {
  const names = readFileSync(0, 'utf8').split('\n').filter(Boolean);
  const missing = names.filter((name) => !store.get('Service', 'shop', name));
  return { asked: names.length, missing: missing.length };
}

await using store = await openStore(path);
const result =
  what === 'create'
    ? await create(store, Number(first), Number(second))
    : what === 'change'
      ? await change(store, Number(first))
      : find(store);
process.stdout.write(`${JSON.stringify(result)}\n`);
