import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readManifests } from '../../../../controller/sources/manifests/index.ts';

const root = mkdtempSync(join(tmpdir(), 'portolan-read-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const service = (name: string, port: number | string = 80): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: ${port}\n`;
const json = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }] },
  });

/** `file:line:column severity Reason`, paths relative to the folder. */
async function read(files: Readonly<Record<string, string | Buffer>>): Promise<{
  readonly names: readonly string[];
  readonly said: readonly string[];
}> {
  const folder = folderOf(files);
  const { objects, problems } = await readManifests([folder]);
  return {
    names: objects.map(({ object }) => object.metadata.name),
    said: problems.map(
      ({ at, severity, reason }) =>
        `${at?.file.slice(folder.length + 1)}:${at?.line}:${at?.column} ${severity} ${reason}`,
    ),
  };
}

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly names?: readonly string[];
  readonly said?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'folders at any depth, YAML and JSON',
    files: { 'a.yaml': service('a'), 'x/b.yml': service('b'), 'x/y/c.json': json('c') },
    names: ['a', 'b', 'c'],
  },
  {
    name: 'files of other kinds and hidden ones are passed over',
    files: { 'a.txt': 'x: {', '.a.yaml': 'x: {', '.git/b.yaml': 'x: {', 'c.yaml~': 'x: {' },
  },
  {
    name: 'several documents',
    files: { 'a.yaml': `# top\n---\n${service('a')}---\n# none\n---\n${service('b')}` },
    names: ['a', 'b'],
  },
  {
    name: 'byte order mark and carriage returns',
    files: { 'a.yaml': `\ufeff${service('a').replaceAll('\n', '\r\n')}` },
    names: ['a'],
  },
  {
    name: 'List',
    files: { 'a.json': `{"apiVersion":"v1","kind":"List","items":[${json('a')},${json('b')}]}` },
    names: ['a', 'b'],
  },
  {
    name: 'typed list',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n  spec: {ports: [{port: 80}]}\n',
    },
    names: ['a'],
  },
  { name: 'empty list', files: { 'a.yaml': 'apiVersion: v1\nkind: List\nitems: []\n' } },
  {
    name: 'anchors and merge keys',
    files: {
      'a.yaml': `x: &x\n  ports: [{port: 80}]\n---\n`,
      'b.yaml': `apiVersion: v1\nkind: Service\nmetadata:\n  name: &n a\n  labels: {app: *n}\nspec:\n  ports: [{port: 80}]\n`,
    },
    names: ['a'],
    said: ['a.yaml:1:1 warning NotAManifest'],
  },
  {
    name: 'broken YAML stops nobody else',
    files: { 'a.yaml': `${service('a')}---\na: [1\n---\n${service('b')}`, 'c.yaml': service('c') },
    names: ['a', 'b', 'c'],
    said: ['a.yaml:10:1 error InvalidYAML'],
  },
  {
    name: 'key twice',
    files: { 'a.yaml': `${service('a')}kind: Pod\n` },
    said: ['a.yaml:8:1 error InvalidYAML'],
  },
  {
    name: 'all mistakes at once, each with its place',
    files: { 'a.yaml': service('a', 0), 'b.yaml': `---\n# b\n${service('b', '"80"')}` },
    said: ['a.yaml:7:13 error InvalidField', 'b.yaml:9:13 error WrongType'],
  },
  {
    name: 'unknown field at its key',
    files: { 'a.yaml': `${service('a')}      colour: red\n` },
    names: ['a'],
    said: ['a.yaml:8:7 warning UnknownField'],
  },
  {
    name: 'missing field at what should hold it',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n    - name: b\n',
    },
    said: ['a.yaml:7:7 error MissingField'],
  },
  {
    name: 'in a List',
    files: {
      'a.yaml': `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: a}\n    spec: {ports: [{port: 0}]}\n`,
    },
    said: ['a.yaml:7:27 error InvalidField'],
  },
  {
    name: 'in JSON',
    files: {
      'a.json':
        '{"apiVersion":"v1","kind":"Service",\n"metadata":{"name":"a"},\n"spec":{"ports":[{"port":0}]}}',
    },
    said: ['a.json:3:26 error InvalidField'],
  },
  {
    name: 'truth values of kubectl',
    files: {
      'a.yaml': `${service('a')}  publishNotReadyAddresses: yes\n`,
      'b.yaml': service('b').replace('spec:', '  annotations: {x: on}\nspec:'),
    },
    names: ['a'],
    said: ['b.yaml:5:20 error WrongType'],
  },
  {
    name: 'kinds of others, once each',
    files: {
      'a.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n',
    },
    said: ['a.yaml:1:1 warning KindNotServed'],
  },
  {
    name: 'kustomization',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': service('a') },
    names: ['a'],
    said: ['kustomization.yaml:1:1 warning KustomizationNotBuilt'],
  },
  {
    name: 'Helm template, said once',
    files: {
      'a.yaml': `{{- if .Values.x }}\n${service('{{ .Release.Name }}')}---\n${service('{{ .Release.Name }}')}{{- end }}\n`,
    },
    said: ['a.yaml:1:1 error UnrenderedTemplate'],
  },
  {
    name: 'Helm values',
    files: { 'values.yaml': 'replicas: 1\n' },
    said: ['values.yaml:1:1 warning NotAManifest'],
  },
  { name: 'prose', files: { 'a.yaml': 'hello\n' }, said: ['a.yaml:1:1 error InvalidField'] },
  {
    name: 'one object twice, with different content',
    files: { 'a.yaml': service('a', 80), 'b.yaml': service('a', 81) },
    names: ['a'],
    said: ['b.yaml:1:1 error DuplicateObject'],
  },
  {
    name: 'one object twice, with equal content',
    files: { 'a.yaml': service('a'), 'b.yaml': service('a') },
    names: ['a'],
    said: ['b.yaml:1:1 warning DuplicateObject'],
  },
  {
    name: 'one object twice in one file',
    files: { 'a.yaml': `${service('a', 80)}---\n${service('a', 81)}` },
    names: ['a'],
    said: ['a.yaml:9:1 error DuplicateObject'],
  },
  {
    name: 'billion laughs',
    files: {
      'a.yaml': `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    },
    said: ['a.yaml:1:1 error InvalidYAML'],
  },
  {
    name: 'not text',
    files: { 'a.yaml': Buffer.from([0xff, 0xfe, 0x00]) },
    said: ['a.yaml:1:1 error NotText'],
  },
  {
    name: 'configuration of Portolan is no news',
    files: {
      'portolan.yaml': 'apiVersion: config.portolan.dev/v1alpha1\nkind: PortolanConfiguration\n',
    },
  },
];
for (const { name, files, names = [], said = [] } of cases) {
  test(`reads ${name}`, async () => deepEqual(await read(files), { names, said }));
}

test('a duplicate names both places, and the first in path order is in force', async () => {
  const folder = folderOf({ 'a.yaml': `\n${service('x', 80)}`, 'b.yaml': service('x', 81) });
  const { objects, problems } = await readManifests([folder]);
  const [first] = objects;
  ok(first?.object.kind === 'Service');
  equal(first.object.spec?.ports?.[0]?.port, 80);
  ok(problems[0]?.message.includes(`${folder}/a.yaml:2:1`), problems[0]?.message);
  equal(problems[0]?.at?.file, `${folder}/b.yaml`);
});

test('locates objects and fields', async () => {
  const folder = folderOf({
    'a.yaml': `---\n${service('a')}---\n# b\n${service('b').replace('spec:', '  annotations:\n    example.com/x: y\nspec:')}`,
  });
  const manifests = await readManifests([folder]);
  const at = (field?: string): string => {
    const found = manifests.locate({
      kind: 'Service',
      namespace: 'default',
      name: 'b',
      ...(field ? { field } : {}),
    });
    return `${found?.line}:${found?.column}`;
  };
  equal(at(), '11:1');
  equal(at('spec.ports[0].port'), '19:13');
  equal(at('metadata.annotations[example.com/x]'), '16:20');
  equal(at('spec.ports[0].targetPort'), '19:7');
  equal(manifests.locate({ kind: 'Service', namespace: 'default', name: 'c' }), undefined);
});

test('a dump of a cluster can be read back', async () => {
  const folder = folderOf({
    'a.yaml': service('a').replace(
      '  name: a\n',
      '  name: a\n  uid: b\n  resourceVersion: "1"\n  creationTimestamp: "2026-01-01T00:00:00Z"\n  generation: 3\n',
    ),
  });
  const { objects, problems } = await readManifests([folder]);
  deepEqual(problems, []);
  deepEqual(objects[0]?.object.metadata, { name: 'a', namespace: 'default' });
});

test('reads standard input', async () => {
  const { objects, problems } = await readManifests(['-'], {
    stdin: async () => `${service('a')}---\n${service('b', 0)}`,
  });
  equal(objects.length, 1);
  deepEqual(problems[0]?.at, { file: '<stdin>', line: 15, column: 13 });
});

test('says that a path does not exist', async () => {
  const { problems } = await readManifests([join(root, 'nowhere')]);
  equal(problems[0]?.reason, 'NoSuchPath');
});

test('a named file counts whatever it is called', async () => {
  const folder = folderOf({ 'manifest.txt': service('a') });
  const { objects } = await readManifests([join(folder, 'manifest.txt')]);
  equal(objects.length, 1);
});

test('links are followed, loops are not', async () => {
  const folder = folderOf({ 'x/a.yaml': service('a') });
  const other = folderOf({ 'b.yaml': service('b') });
  symlinkSync(folder, join(folder, 'x', 'loop'));
  symlinkSync(other, join(folder, 'linked'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.yaml'));
  const { objects, problems } = await readManifests([folder]);
  deepEqual(
    objects.map(({ object }) => object.metadata.name),
    ['b', 'a'],
  );
  deepEqual(problems, []);
});

test('what cannot be read is reported, and stops nobody else', async () => {
  const folder = folderOf({ 'b.yaml': service('b') });
  symlinkSync('a.yaml', join(folder, 'a.yaml'));
  const { objects, problems } = await readManifests([folder]);
  equal(objects.length, 1);
  deepEqual(
    problems.map(({ reason, at }) => [reason, at?.file]),
    [['Unreadable', join(folder, 'a.yaml')]],
  );
});

test('lists of problems are bounded', async () => {
  const folder = folderOf({
    'a.yaml': Array.from({ length: 150 }, (_, index) => service(`a${index}`, 0)).join('---\n'),
  });
  const { problems } = await readManifests([folder]);
  equal(problems.length, 101);
  equal(problems.at(-1)?.reason, 'MoreProblems');
});
