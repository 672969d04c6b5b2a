import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { kinds } from '../../controller/objects/index.ts';
import { followedKinds } from '../../controller/sources/kubernetes/index.ts';
import { statusKinds } from '../../controller/sources/kubernetes/status-patch.ts';
import { type Command, parseCommandLine } from '../../daemon/config/index.ts';
import { defaultValues, render } from './render.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

/** `group/resource verb` for all that a rule grants. */
function grants({ apiGroups, resources, verbs }: Rule): readonly string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
  );
}

function container(values = defaultValues()): Container {
  const [daemonSet] = render('daemonset.yaml', values) as unknown as readonly {
    readonly spec: { readonly template: { readonly spec: { readonly containers: Container[] } } };
  }[];
  const [found] = daemonSet?.spec.template.spec.containers ?? [];
  ok(found);
  return found;
}

test('the cluster role grants what the daemon does, and no more', () => {
  const role = render('rbac.yaml', defaultValues()).find(({ kind }) => kind === 'ClusterRole');
  const granted = (role as unknown as { rules: readonly Rule[] }).rules.flatMap(grants);
  const groupOf = (apiVersion: string): string => apiVersion.split('/').toReversed()[1] ?? '';
  const read = followedKinds.flatMap(({ kind }) => {
    const { apiVersion, plural } = kinds[kind];
    return ['list', 'watch'].map((verb) => `${groupOf(apiVersion)}/${plural} ${verb}`);
  });
  const written = [...statusKinds].map(
    (kind) => `${groupOf(kinds[kind].apiVersion)}/${kinds[kind].plural}/status patch`,
  );
  const events = ['/events create', '/events patch'];
  deepEqual(granted.toSorted(), [...read, ...written, ...events].toSorted());
});

test('every optional kind has a definition in the chart', () => {
  for (const { kind, optional } of followedKinds) {
    if (!optional) continue;
    const { apiVersion, plural, singular, shortNames } = kinds[kind];
    const text = readFileSync(`deploy/helm/portolan/crds/${plural}.yaml`, 'utf8');
    const { metadata, spec } = parse(text) as Record<string, Record<string, unknown>>;
    const [group, version] = apiVersion.split('/');
    equal(metadata?.['name'], `${plural}.${group}`);
    const names = { kind, plural, singular, ...(shortNames.length > 0 && { shortNames }) };
    deepEqual(spec?.['names'], names);
    const [served] = (spec?.['versions'] ?? []) as readonly { readonly name: string }[];
    equal(served?.name, version);
    equal(spec?.['scope'], 'Cluster');
  }
});

test('the DaemonSet starts with flags that there are', () => {
  const args = container().args.map((one) => one.replace('$(NODE_NAME)', 'node-1'));
  const command: Command = parseCommandLine(args);
  ok(command.kind === 'up');
  const { settings } = command;
  equal(settings.kubeconfig, 'in-cluster');
  equal(settings.nodeName, 'node-1');
  equal(settings.proxyMode, 'nftables');
  deepEqual(settings.ingressHttp, { host: '0.0.0.0', port: 80 });
  equal(settings.dns, 'off');
});

test('the address of the API server stands in the environment only if it is given', () => {
  const names = (values = defaultValues()): readonly string[] =>
    container(values).env.map(({ name }) => name);
  deepEqual(names(), ['NODE_NAME']);
  const apiServer = { host: '10.0.0.1', port: '6443' };
  deepEqual(names({ ...defaultValues(), apiServer }), [
    'NODE_NAME',
    'KUBERNETES_SERVICE_HOST',
    'KUBERNETES_SERVICE_PORT',
  ]);
});

test('the manifests for kubectl are the chart with its defaults', () => {
  const values = defaultValues();
  const rendered = ['rbac.yaml', 'daemonset.yaml', 'ingress-class.yaml'].flatMap((template) =>
    render(template, values),
  );
  const plain = readFileSync('deploy/kubernetes/portolan.yaml', 'utf8');
  deepEqual(
    plain.split(/^---\n/m).map((text) => parse(text) as unknown),
    rendered,
  );
});

test('the systemd unit starts a command that there is', () => {
  const unit = readFileSync('deploy/systemd/portolan.service', 'utf8');
  const [, line = ''] = /^ExecStart=\/usr\/bin\/portolan (.*)$/m.exec(unit) ?? [];
  const command = parseCommandLine(line.split(' '));
  ok(command.kind === 'up');
  equal(command.configFile, '/etc/portolan/portolan.yaml');
  equal(command.settings.dataDir, '/var/lib/portolan');
});
