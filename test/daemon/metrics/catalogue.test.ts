import { deepEqual, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { metricCatalogue } from '../../../daemon/metrics/catalogue.ts';
import { get } from '../ask.ts';
import { ingressManifest, serviceManifest, startBackends } from '../backend.ts';
import { ManifestFolder, startDaemon } from '../harness.ts';

const byName = new Map(metricCatalogue.map((one) => [one.name, one]));
const namePattern = /\b(?:portolan|coredns|kubeproxy|nginx_ingress_controller)_[a-z0-9_]*[a-z0-9]/g;

/** The family that a sample belongs to: histograms have three kinds of them. */
function familyOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return byName.has(name) ? name : base;
}

test('names are there once', () => {
  deepEqual(byName.size, metricCatalogue.length);
});

test('every name in the source is catalogued', () => {
  const files = globSync('{controller,proxy,dns,ingress,daemon}/**/*.ts');
  ok(files.length > 300);
  const unknown = files.flatMap((file) => {
    const created = readFileSync(file, 'utf8').matchAll(
      /name: ['`]((?:portolan|coredns|kubeproxy|nginx_ingress_controller)_[a-z0-9_]+)['`]/g,
    );
    return Array.from(created, ([, name = '']) => name).filter((name) => !byName.has(name));
  });
  deepEqual(unknown, []);
});

for (const file of ['deploy/prometheus/alerts.yaml', 'deploy/grafana/portolan.json']) {
  test(`${file} asks for metrics and labels that there are`, () => {
    const expressions = findExpressions(parse(readFileSync(file, 'utf8')));
    ok(expressions.length > 8);
    const wrong = expressions.flatMap((expression) => {
      const names = [...expression.matchAll(namePattern)].map(([name]) => familyOf(name));
      const metrics = names.map((name) => byName.get(name));
      const labels = new Set(['instance', 'le', ...metrics.flatMap((one) => one?.labels ?? [])]);
      const asked = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
        list.split(',').map((one) => one.trim()),
      );
      const selected = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
      return [
        ...names.filter((name) => !byName.has(name)),
        ...[...asked, ...selected].filter((label) => label !== 'job' && !labels.has(label)),
      ];
    });
    deepEqual(wrong, []);
  });
}

function findExpressions(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(findExpressions);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'expr' && typeof item === 'string' ? [item] : findExpressions(item),
  );
}

test('what a daemon exposes is as the catalogue has it', async (context) => {
  const backends = await startBackends(context, 'one');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  folder.write('ingress.yaml', ingressManifest('shop', [['shop.localhost', '/', 'web']]));
  const old = ingressManifest('old', [['old.localhost', '/', 'web']]);
  folder.write('old.yaml', old.split('---\n')[1]?.replace('portolan', 'nginx') ?? '');
  const flags = ['--ingress-classes', 'k8s.io/ingress-nginx'];
  const daemon = await startDaemon(context, folder, flags);
  await get(daemon.port('http'), 'shop.localhost');
  await get(daemon.port('http'), 'old.localhost');
  const text = String(await daemon.admin('/metrics'));
  const counted = [...text.matchAll(/^nginx_ingress_controller_requests\{(.*)\} (\d+)$/gm)];
  deepEqual(
    counted.map(([, , value]) => value),
    ['1'],
  );
  for (const label of ['host="old.localhost"', 'path="/"', 'status="200"', 'ingress="old"']) {
    ok(counted[0]?.[1]?.includes(label), label);
  }
  const exposed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  ok(exposed.length > 30);
  const wrongTypes = exposed.filter(([, name = '', type]) => byName.get(name)?.type !== type);
  deepEqual(
    wrongTypes.map(([line]) => line),
    [],
  );
  const wrongLabels = [...text.matchAll(/^([a-z_0-9]+)\{(.*)\} /gm)].flatMap(
    ([, name = '', list = '']) => {
      const allowed = new Set(['le', ...(byName.get(familyOf(name))?.labels ?? [])]);
      const labels = Array.from(list.matchAll(/(\w+)="/g), ([, label = '']) => label);
      return labels.filter((label) => !allowed.has(label)).map((label) => `${name} ${label}`);
    },
  );
  deepEqual([...new Set(wrongLabels)], []);
});
