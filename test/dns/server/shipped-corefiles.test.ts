import { deepEqual, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCorefile } from '../../../dns/index.ts';
import { probesOf } from '../../../dns/server/probes.ts';

const folder = join(import.meta.dirname, '../corefiles');

/** As the distributions write them. */
const shipped: readonly (readonly [file: string, blocks: number, plugins: string])[] = [
  ['kubeadm', 1, 'errors loadbalance cache kubernetes loop forward'],
  ['k3s', 1, 'errors loadbalance cache hosts kubernetes loop forward'],
  ['eks', 1, 'errors loadbalance cache kubernetes loop forward'],
  ['nodelocal', 4, 'errors cache loop forward'],
  ['aks', 1, 'errors loadbalance cache template template kubernetes loop forward'],
  ['gke-nodelocal', 2, 'errors cache template loop forward'],
];
for (const [file, blocks, plugins] of shipped) {
  test(`the Corefile of ${file} is understood as it is`, () => {
    const { plans } = loadCorefile(join(folder, `${file}.Corefile`));
    deepEqual(plans.length, blocks);
    deepEqual(
      plans
        .at(-1)
        ?.plugins.map(({ name }) => name)
        .join(' '),
      plugins,
    );
    ok(probesOf(plans).prometheus.length === 1);
  });
}
