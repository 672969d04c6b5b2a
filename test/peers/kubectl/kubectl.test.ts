import { equal, match, ok } from 'node:assert/strict';
import { once as onceEmitted } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Api, startApi } from '../../../controller/api/index.ts';
import {
  type Problem,
  silentLog,
  systemClock,
  systemRandom,
} from '../../../controller/base/index.ts';
import { createFileLedger, startReconcilers } from '../../../controller/reconcile/index.ts';
import { startManifestSource } from '../../../controller/sources/manifests/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { selfSignedCertificate } from '../../../ingress/index.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { skipWithout } from '../../requirements.ts';
import { Kubectl, kubectlMinor } from './kubectl.ts';
import { transcript } from './transcript.ts';

const minor = kubectlMinor();
const skip = skipWithout(minor === undefined ? 'kubectl (Debian: kubernetes-client)' : undefined);

/** The API as the daemon has it: with a manifest, and with what allocates and makes slices. */
describe(`kubectl 1.${minor}`, { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-kubectl-'));
  const parts = new AsyncDisposableStack();
  let api: Api;
  let admin: Kubectl;
  let tell: (problem: Problem) => void = () => {};

  before(async () => {
    const clock = systemClock;
    const problems = new ProblemBook();
    const store = createMemoryStore({ clock });
    const meter = new MemoryMeter();
    const common = { store, problems, log: silentLog, clock, random: systemRandom, meter };
    const manifests = join(folder, 'manifests');
    mkdirSync(manifests);
    writeFileSync(
      join(manifests, 'web.yaml'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: from-file, namespace: shop}\nspec: {ports: [{port: 80}]}\n',
    );
    const source = parts.use(startManifestSource({ ...common, paths: [manifests] }));
    await source.ready();
    const ledger = parts.use(createFileLedger(join(folder, 'allocations.json'), problems));
    parts.use(
      startReconcilers({
        ...common,
        ledger,
        serviceCidrs: ['127.201.0.0/24'],
        nodePortRange: { first: 30_000, last: 32_767 },
      }),
    );
    api = parts.use(
      await startApi({
        ...common,
        objects: store.objects,
        listen: { host: '127.0.0.1', port: 0 },
        folder,
        nodeName: 'edge',
        manifestOf: ({ kind, metadata: { namespace = '', name } }) =>
          source.locate({ kind, namespace, name }),
        notReady: () => undefined,
        subscribe: (listener) => {
          tell = listener;
          return { [Symbol.dispose]: () => {} };
        },
      }),
    );
    const { certificatePem, privateKeyPem } = selfSignedCertificate('a', {
      commonName: 'a.example',
      dnsNames: ['a.example'],
      notBeforeMs: clock.wallMs(),
      notAfterMs: clock.wallMs() + 86_400_000,
    });
    writeFileSync(join(folder, 'tls.crt'), certificatePem);
    writeFileSync(join(folder, 'tls.key'), privateKeyPem);
    admin = new Kubectl(api.kubeconfig);
  });

  after(async () => {
    await parts.disposeAsync();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const step of transcript) {
    const isOld = step.since !== undefined && (minor ?? 0) < step.since;
    // Also in CI, which has Debian's: what a version of kubectl lacks cannot be tested with it.
    const skip = isOld ? `kubectl 1.${step.since} has it first` : false;
    const said = step.status === undefined ? '' : ' is refused';
    test(`kubectl ${step.command.slice(0, 70)}${said}`, { skip }, async () => {
      const answer = await admin.run(step.command.split(' '), step.input, step.env);
      equal(answer.status, step.status ?? 0, answer.stderr + answer.stdout);
      if (step.out) match(answer.stdout, step.out);
      if (step.err) match(answer.stderr, step.err);
    });
  }

  test('get -w prints what changes', async (context) => {
    const printed = await admin.follow(
      context,
      ['get', 'configmaps', '-n', 'shop', '--watch'],
      once(async (text) => {
        if (text.includes('second')) return true;
        const name = text.includes('first') ? 'second' : 'first';
        await admin.run(['create', 'configmap', name, '-n', 'shop']);
        return false;
      }),
    );
    match(printed, /first +0 +\d+s\nsecond +0 +\d+s/);
  });

  test('problems with objects are Events', async () => {
    const problem: Problem = {
      severity: 'warning',
      reason: 'NoEndpoints',
      message: 'nothing answers',
      object: { kind: 'Service', namespace: 'shop', name: 'from-file' },
    };
    tell(problem);
    await admin.until(['get', 'events', '-n', 'shop'], /NoEndpoints +service\/from-file +nothing/);
    tell(problem);
    await admin.until(['get', 'events', '-n', 'shop', '-o', 'yaml'], /count: 2/);
    const described = await admin.run(['describe', 'service', 'from-file', '-n', 'shop']);
    match(described.stdout, /Warning +NoEndpoints .*portolan +nothing answers/);
  });

  test('a kustomization is built and applied', async () => {
    const base = join(folder, 'kustomized');
    mkdirSync(base);
    writeFileSync(
      join(base, 'kustomization.yaml'),
      'namePrefix: dev-\nresources: [map.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n',
    );
    writeFileSync(
      join(base, 'map.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n',
    );
    const built = await admin.run(['kustomize', base]);
    const applied = await admin.run(['apply', '-f', '-'], built.stdout);
    match(applied.stdout, /configmap\/dev-made-\w+ created\nconfigmap\/dev-plain created/);
    const again = await admin.run(['apply', '-k', base]);
    match(again.stdout, /dev-plain unchanged/);
  });

  test('kubectl proxy passes on to the API, and to what is behind a Service', async (context) => {
    const backend = createServer((request, response) => response.end(`behind ${request.url}`));
    backend.listen(0, '127.0.0.1');
    await onceEmitted(backend, 'listening');
    context.after(() => backend.close());
    const { port } = backend.address() as AddressInfo;
    const made = await admin.run(['apply', '-f', '-'], withEndpoint('behind', port));
    equal(made.status, 0, made.stderr);
    let url = '';
    const answers: string[] = [];
    await admin.follow(context, ['proxy', '--port=0'], async (printed) => {
      const [, address] = /serve on (\S+)/.exec(printed) ?? [];
      if (address === undefined || url !== '') return answers.length === 2;
      url = `http://${address}/api/v1/namespaces/default`;
      for (const path of ['/services/behind', '/services/behind:http/proxy/a%20b?c=d']) {
        answers.push(await (await fetch(url + path)).text());
      }
      return true;
    });
    match(answers[0] ?? '', /"kind":"Service"/);
    equal(answers[1], 'behind /a%20b?c=d');
  });

  test('the read-only kubeconfig looks, and does no more', async () => {
    const reader = new Kubectl(join(folder, 'kubeconfig-read-only'));
    const list = await reader.run(['get', 'services', '-A']);
    match(list.stdout, /from-file/);
    const write = await reader.run(['create', 'configmap', 'a']);
    match(write.stderr, /forbidden: User "portolan-reader" cannot create resource "configmaps"/);
    const secrets = await reader.run(['get', 'secrets']);
    match(secrets.stderr, /cannot list resource "secrets"/);
    const may = await reader.run(['auth', 'can-i', 'delete', 'services']);
    match(may.stdout, /no/);
  });

  test('without a credential nothing is told', async () => {
    const { port } = api.address;
    const args = ['--kubeconfig=/dev/null', `--server=https://127.0.0.1:${port}`];
    const answer = await admin.run([
      ...args,
      '--insecure-skip-tls-verify',
      'get',
      'services',
      '--username=x',
      '--password=y',
    ]);
    ok(answer.status !== 0);
    match(answer.stderr, /Unauthorized|must be logged in/);
  });
});

function withEndpoint(name: string, port: number): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{name: http, port: ${port}}]
endpoints: [{addresses: [127.0.0.1]}]
`;
}

/** kubectl prints nothing before the first object: the first call is made without waiting. */
function once(act: (printed: string) => Promise<boolean>): (printed: string) => Promise<boolean> {
  let last: string | undefined;
  return async (printed) => {
    if (printed === last) return false;
    last = printed;
    return await act(printed);
  };
}
