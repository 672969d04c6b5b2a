import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { runDescribe } from '../../../daemon/cli/describe.ts';
import { runGet } from '../../../daemon/cli/get.ts';
import { parseCommandLine } from '../../../daemon/config/index.ts';
import { Paper } from './paper.ts';

const view = {
  columns: [{ name: 'NAME' }, { name: 'SELECTOR', wide: true }],
  rows: [['web', 'app=web']],
};
const withObjects = { ...view, objects: [{ kind: 'Service', metadata: { name: 'web' } }] };

interface Row {
  readonly line: string;
  readonly path: string;
  readonly reply: unknown;
  readonly output: string;
}

const rows: readonly Row[] = [
  {
    line: 'get svc',
    path: '/debug/view/svc?namespace=default',
    reply: view,
    output: 'NAME\nweb\n',
  },
  {
    line: 'get svc -A -o wide',
    path: '/debug/view/svc?',
    reply: view,
    output: 'NAME   SELECTOR\nweb    app=web\n',
  },
  {
    line: 'get svc web -n a/b -o json',
    path: '/debug/view/svc?namespace=a%2Fb&name=web&objects=true',
    reply: withObjects,
    output: '{\n  "kind": "Service",\n  "metadata": {\n    "name": "web"\n  }\n}\n',
  },
  {
    line: 'get problems',
    path: '/debug/view/problems?',
    reply: view,
    output: 'NAME\nweb\n',
  },
  {
    line: 'get problems -n shop',
    path: '/debug/view/problems?namespace=shop',
    reply: view,
    output: 'NAME\nweb\n',
  },
  {
    line: 'get svc -o yaml',
    path: '/debug/view/svc?namespace=default&objects=true',
    reply: withObjects,
    output:
      'apiVersion: v1\nkind: List\nitems:\n  - kind: Service\n    metadata:\n      name: web\n',
  },
];

for (const { line, path, reply, output } of rows) {
  test(`portolan ${line}`, async () => {
    const paper = new Paper();
    const asked: string[] = [];
    const status = await runGet(
      getCommand(line),
      async (path) => {
        asked.push(path);
        return { status: 200, body: JSON.stringify(reply) };
      },
      paper,
    );
    deepEqual(asked, [path]);
    equal(paper.output, output);
    equal(status, 0);
  });
}

const empty: readonly (readonly [line: string, said: string])[] = [
  ['get svc', 'Nothing found in namespace default.'],
  ['get svc -n a', 'Nothing found in namespace a.'],
  ['get svc -A', 'Nothing found.'],
  ['get nodes', 'Nothing found.'],
  ['get problems', 'No problems.'],
];
for (const [line, said] of empty) {
  test(`portolan ${line}, when there is nothing: ${said}`, async () => {
    const paper = new Paper();
    const reply = { status: 200, body: JSON.stringify({ ...view, rows: [] }) };
    equal(await runGet(getCommand(line), async () => reply, paper), 0);
    equal(paper.output, '');
    equal(paper.errors, `${said}\n`);
  });
}

test('what the daemon does not know is said, made safe, with status 1', async () => {
  const paper = new Paper();
  const reply = { status: 404, body: '"\u001b[2J" is no resource\n' };
  equal(await runGet(getCommand('get x'), async () => reply, paper), 1);
  equal(paper.errors, 'portolan: "\\u001b[2J" is no resource\n');
});

const strange: readonly string[] = [
  '',
  '<html>',
  'null',
  '[]',
  '{}',
  '{"columns":[{}],"rows":[]}',
  '{"columns":[{"name":"A"}],"rows":[[1]]}',
  '{"columns":[],"rows":[],"objects":[1]}',
];
for (const body of strange) {
  test(`a reply that is no list is refused: ${body}`, async () => {
    const run = runGet(getCommand('get svc'), async () => ({ status: 200, body }), new Paper());
    await rejects(run, { code: 'UnknownReply' });
  });
}

test('portolan describe prints what the daemon says', async () => {
  const command = parseCommandLine(['describe', 'svc', 'a b', '-n', 'c']);
  if (command.kind !== 'describe') throw new Error('unreachable');
  const paper = new Paper();
  const asked: string[] = [];
  const ask = async (path: string) => {
    asked.push(path);
    return { status: 200, body: 'Name:  web\n' };
  };
  equal(await runDescribe(command, ask, paper), 0);
  deepEqual(asked, ['/debug/describe/svc/c/a%20b']);
  equal(paper.output, 'Name:  web\n');
  const gone = async () => ({ status: 404, body: 'not found\n' });
  equal(await runDescribe(command, gone, paper), 1);
  equal(paper.errors, 'portolan: not found\n');
});

function getCommand(line: string): Parameters<typeof runGet>[0] {
  const command = parseCommandLine(line.split(' '));
  if (command.kind !== 'get') throw new Error(`${line} is no get`);
  return command;
}
