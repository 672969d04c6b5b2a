import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '../../controller/objects/index.ts';
import { FakeKubernetesApi } from '../fakes/kubernetes-api.ts';
import { get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, runPortolan, startDaemon } from './harness.ts';

const host = 'shop.localhost';
const leases = '/apis/coordination.k8s.io/v1/leases';
const ingresses = '/apis/networking.k8s.io/v1/ingresses';

/** A kubeconfig for the fake, which speaks plain HTTP, as `kubectl proxy` does. */
function kubeconfig(context: TestContext, server: string): string {
  const path = join(new ManifestFolder(context).path, 'kubeconfig');
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: fake, user: me } }]
clusters: [{ name: fake, cluster: { server: '${server}', insecure-skip-tls-verify: true } }]
users: [{ name: me, user: { token: secret } }]
`,
  );
  return path;
}

/** Creates what a manifest describes, as kubectl would. */
function apply(api: FakeKubernetesApi, text: string): void {
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as AnyObject;
    api.put({ ...object, metadata: { namespace: 'default', ...object.metadata } });
  }
}

test('a cluster is served, through an outage of its API, and told where', async (context) => {
  await using api = await FakeKubernetesApi.start();
  const [one, two] = await startBackends(context, 'one', 'two');
  ok(one && two);
  apply(api, serviceManifest('web', [one]));
  apply(api, ingressManifest('shop', [[host, '/', 'web']]));
  const flags = ['--kubeconfig', kubeconfig(context, api.url)];
  const daemon = await startDaemon(context, undefined, flags);
  const answer = async (): Promise<string> => (await get(daemon.port('http'), host)).body;
  equal(await answer(), 'one');

  await eventually(() => {
    const status = api.find(ingresses, 'default', 'shop')?.['status'];
    deepEqual(status, { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } });
  });
  ok(api.find(leases, 'kube-system', 'portolan'));

  await api.goAway();
  const tables = await daemon.admin('/debug/tables');
  for (let i = 0; i < 20; i += 1) equal(await answer(), 'one', 'served from what was said last');
  deepEqual(await daemon.admin('/debug/tables'), tables);

  api.expire();
  apply(api, serviceManifest('web', [two]));
  await api.listen();
  await eventually(async () => equal(await answer(), 'two', 'what changed meanwhile'));

  daemon.signal('SIGTERM');
  equal(await daemon.ended(), 0);
  const spec = api.find(leases, 'kube-system', 'portolan')?.['spec'];
  equal((spec as { holderIdentity: unknown }).holderIdentity, null, 'the lease is given up');
});

test('a kubeconfig that is no good is refused in one line', async (context) => {
  const { status, stderr } = await runPortolan(['up', '--kubeconfig', '/nowhere/config']);
  equal(status, 2);
  match(stderr, /^portolan: --kubeconfig: \/nowhere\/config cannot be read \(.*ENOENT.*\)\n$/);
  const folder = new ManifestFolder(context);
  folder.write('empty', 'apiVersion: v1\nkind: Config\n');
  const empty = await runPortolan(['up', '--kubeconfig', join(folder.path, 'empty')]);
  equal(empty.status, 2);
  match(empty.stderr, /^portolan: --kubeconfig: .*empty has no current context[^\n]*\n$/);
  const pod = await runPortolan(['up', '--kubeconfig', 'in-cluster']);
  equal(pod.status, 2);
  match(pod.stderr, /in-cluster works only inside a Pod/);
});
