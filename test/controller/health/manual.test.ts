import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import {
  annotationOptions,
  healthCheckAnnotation,
  parseServiceCheck,
} from '../../../controller/health/index.ts';
import { parseReadinessProbe } from '../../../controller/health/pods/readiness-probe.ts';
import type { Pod, Service } from '../../../controller/objects/index.ts';

const manual = readFileSync(new URL('../../../docs/health-checks.md', import.meta.url), 'utf8');

const examples = [...manual.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
  .flatMap(([, yaml = '']) => parseAllDocuments(yaml))
  .map((document): Service | Pod => document.toJS());

test('the manual has examples of both kinds', () => {
  deepEqual([...new Set(examples.map(({ kind }) => kind))].toSorted(), ['Pod', 'Service']);
});

for (const example of examples) {
  test(`example ${example.kind} ${example.metadata.name} is accepted without problems`, () => {
    if (example.kind === 'Service') {
      const { check, problems } = parseServiceCheck(example);
      ok(check);
      deepEqual(problems, []);
      return;
    }
    for (const container of example.spec?.containers ?? []) {
      ok(container.readinessProbe);
      const podIP = example.status?.podIP ?? '';
      const parsed = parseReadinessProbe(example, container, container.readinessProbe, podIP);
      equal(parsed.kind, 'probe');
    }
  });
}

test('the table names every annotation once, with its types, and no other', () => {
  const rows = new Map(
    [...manual.matchAll(/^\| `(portolan\.dev\/[^`]+)` \| ([^|]*) \|/gm)].map(([, name, types]) => [
      name,
      types?.trim(),
    ]),
  );
  const expected = new Map([
    [healthCheckAnnotation, '–'],
    ...Object.values(annotationOptions).map(
      ({ annotation, types }) =>
        [annotation, types.length === 4 ? 'all' : types.join(', ')] as const,
    ),
  ]);
  deepEqual(rows, expected);
});
