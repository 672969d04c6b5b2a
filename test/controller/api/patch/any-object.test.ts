import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { publishedType } from '../../../../controller/api/openapi/index.ts';
import {
  applyConfiguration,
  applyPatch,
  type FieldWriter,
  type JsonObject,
  PatchError,
  trackUpdate,
  untypedType,
} from '../../../../controller/api/patch/index.ts';

const schema = publishedType('v1', 'Pod') ?? untypedType;

function writer(manager: string): FieldWriter {
  const now = '2026-01-01T00:00:00Z';
  return { manager, apiVersion: 'v1', subresource: '', now, schema, reset: ['status'] };
}

/** Objects with the fields of a Pod, in the right place or not. */
const { value } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  object: fc.dictionary(
    fc.constantFrom(
      'spec',
      'containers',
      'name',
      'ports',
      'containerPort',
      'env',
      'image',
      'labels',
      'nodeSelector',
      'volumes',
      'hostAliases',
      'ip',
      'tolerations',
      '$patch',
      '__proto__',
    ),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>('a', 'b', 1, 80, null, true, ''),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
}));
const pod = fc
  .record({
    spec: fc.dictionary(
      fc.constantFrom('containers', 'volumes', 'nodeSelector', 'hostAliases', 'image'),
      value,
      { noNullPrototype: true },
    ),
  })
  .map((rest): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, ...rest }));

/** What it gives, or undefined where it refuses. */
function attempt(run: () => JsonObject): JsonObject | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatchError) return undefined;
    throw error;
  }
}

const apply = (
  live: JsonObject | undefined,
  applied: JsonObject,
  manager: string,
): JsonObject | undefined =>
  attempt(() => applyConfiguration(live, applied, writer(manager), { force: true }));

test('applying twice changes nothing, whatever is applied to whatever', () => {
  fc.assert(
    fc.property(pod, pod, pod, (stored, first, second) => {
      const live = trackUpdate(undefined, stored, writer('updater'));
      const once = apply(live, first, 'me');
      if (once === undefined) return;
      equal(apply(once, first, 'me'), once);
      const other = apply(once, second, 'you') ?? once;
      const back = apply(other, first, 'me');
      if (back !== undefined) equal(apply(back, first, 'me'), back);
    }),
    { numRuns: 300 },
  );
});

/** Nobody owns an empty list, so nobody takes it back: an API server's types leave it out. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

test('who takes back everything leaves what was there before', () => {
  fc.assert(
    fc.property(pod, pod, (stored, applied) => {
      const bare = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
      const made = apply(undefined, stored, 'owner');
      const shared = made && apply(made, applied, 'me');
      const left = shared && apply(shared, bare, 'me');
      if (left === undefined || made === undefined) return;
      // Applied again, the owner's own configuration is as if nobody had been there.
      const restored = apply(left, stored, 'owner');
      deepEqual(withoutEmpty(restored?.['spec']), withoutEmpty(made['spec']));
    }),
    { numRuns: 300 },
  );
});

test('a strategic merge patch gives an object or a PatchError, and leaves its target alone', () => {
  fc.assert(
    fc.property(pod, pod, (target, patch) => {
      const before = structuredClone(target);
      attempt(() => applyPatch('strategic', target, patch, schema));
      deepEqual(target, before);
    }),
    { numRuns: 300 },
  );
});
