import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { AddressPool, VirtualIP } from '../../../controller/objects/index.ts';
import { leaseVirtualIPs } from '../../../controller/vip/objects/lease-virtual-ips.ts';
import { readVirtualIP } from '../../../controller/vip/objects/read-virtual-ip.ts';
import { VipMetrics } from '../../../controller/vip/vip-metrics.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

const manual = readFileSync(new URL('../../../docs/virtual-ips.md', import.meta.url), 'utf8');

const examples = [...manual.matchAll(/^```yaml\n(apiVersion[\s\S]*?)^```$/gm)]
  .flatMap(([, yaml = '']) => parseAllDocuments(yaml))
  .map((document): VirtualIP | AddressPool => document.toJS());

test('the manual has an example of each kind', () => {
  deepEqual(
    examples.map(({ kind }) => kind),
    ['VirtualIP', 'AddressPool'],
  );
});

for (const example of examples) {
  if (example.kind === 'AddressPool') {
    test(`example ${example.metadata.name} is accepted without problems`, () => {
      deepEqual(leaseVirtualIPs([example], [], ['a']).problems, []);
    });
    continue;
  }
  test(`example ${example.metadata.name} is accepted without problems, for each node it names`, () => {
    for (const { name } of example.spec.nodes ?? []) {
      const { routers, problems } = readVirtualIP(example, name, () => undefined);
      deepEqual([routers.length, problems], [1, []]);
    }
  });
}

test('the table of metrics names every one, and no other', () => {
  const named = [...manual.matchAll(/`(portolan_vip_\w+)(?:\{[^}]*\})?` \|/g)].map(
    ([, name = '']) => name,
  );
  const asked: string[] = [];
  const meter = new MemoryMeter();
  const spy = {
    counter: (spec: { name: string }) => meter.counter(noted(spec)),
    gauge: (spec: { name: string }) => meter.gauge(noted(spec)),
    histogram: () => {
      throw new Error('there are no histograms');
    },
  };
  function noted<Spec extends { readonly name: string; readonly help?: string }>(spec: Spec) {
    asked.push(spec.name);
    return { help: '', ...spec };
  }
  const metrics = new VipMetrics(spy);
  ok(metrics);
  deepEqual(new Set(named), new Set(asked));
});
