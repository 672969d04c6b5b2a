import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../controller/health/lane.ts';

test('a lane runs what fits, the rest in order, and never what was taken out', async () => {
  const lane = new Lane(2);
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const enter = (name: string): Disposable =>
    lane.enter(() => {
      began.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    });
  const finish = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  enter('a');
  enter('b');
  enter('c');
  const taken = enter('d');
  enter('e');
  deepEqual(began, ['a', 'b']);
  await finish('b');
  deepEqual(began, ['a', 'b', 'c']);
  taken[Symbol.dispose]();
  await finish('a');
  deepEqual(began, ['a', 'b', 'c', 'e']);
});
