import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../ask.ts';
import { ingressManifest, serviceManifest, startBackends } from '../backend.ts';
import { ManifestFolder, startDaemon } from '../harness.ts';

const host = 'shop.localhost';

function limited(annotations: Readonly<Record<string, string>>): string {
  const keyed = Object.entries(annotations).map(
    ([name, value]) => `    nginx.ingress.kubernetes.io/${name}: ${JSON.stringify(value)}\n`,
  );
  const manifest = ingressManifest('shop', [[host, '/', 'web']]);
  return manifest.replace('  name: shop\n', `  name: shop\n  annotations:\n${keyed.join('')}`);
}

test('limits over two workers are the number in the annotation', async (context) => {
  const backends = await startBackends(context, 'one');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  // One token in 6 s: what flows back during the burst is next to nothing.
  folder.write('shop.yaml', limited({ 'limit-rpm': '10', 'limit-burst-multiplier': '2' }));
  const daemon = await startDaemon(context, folder);
  const began = performance.now();
  // A connection each: the kernel spreads them over both workers.
  const answers = await Promise.all(
    Array.from({ length: 120 }, () => get(daemon.port('http'), host)),
  );
  const flownBack = Math.ceil((performance.now() - began) / 6_000);
  const passed = answers.filter(({ status }) => status === 200).length;
  ok(passed >= 21 && passed <= 21 + flownBack, `${passed} passed`);
  equal(answers.filter(({ status }) => status === 503).length, 120 - passed);
});

test('connections over two workers are the number in the annotation', async (context) => {
  const [backend] = await startBackends(context, 'one');
  ok(backend);
  const held: (() => void)[] = [];
  let isOpen = false;
  let refused = 0;
  const releaseWhenAllAreKnown = (): void => {
    if (refused < 25 || held.length < 5) return;
    isOpen = true;
    for (const release of held.splice(0)) release();
  };
  backend.server.prependListener('request', (_request, response) => {
    if (isOpen) return;
    const end = response.end.bind(response);
    response.end = () => {
      held.push(() => end('one'));
      releaseWhenAllAreKnown();
      return response;
    };
  });
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', [backend]));
  folder.write('shop.yaml', limited({ 'limit-connections': '5' }));
  const daemon = await startDaemon(context, folder);
  const asking = Array.from({ length: 30 }, async () => {
    const { status } = await get(daemon.port('http'), host);
    if (status === 503) refused += 1;
    releaseWhenAllAreKnown();
    return status;
  });
  const statuses = await Promise.all(asking);
  equal(statuses.filter((one) => one === 200).length, 5);
  equal(statuses.filter((one) => one === 503).length, 25);
  equal((await get(daemon.port('http'), host)).status, 200, 'they have left');
});
