import { deepEqual, equal } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem } from '../../../controller/base/index.ts';
import type { AnyObject } from '../../../controller/objects/index.ts';
import { runCheck } from '../../../daemon/cli/check.ts';
import { type CheckTools, checkConfigurationFiles } from '../../../daemon/cli/index.ts';
import { Paper } from './paper.ts';

const service: AnyObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };
const at = { file: 'b.yaml', line: 2, column: 3 };

const syntax: Problem = {
  severity: 'error',
  reason: 'InvalidSyntax',
  message: 'two\nlines',
  instead: 'write one',
  at,
};
const earlier: Problem = {
  severity: 'warning',
  reason: 'UnknownField',
  message: 'no such field',
  at: { file: 'b.yaml', line: 1, column: 9 },
};
const compiled: Problem = {
  severity: 'warning',
  reason: 'NoReadyEndpoints',
  message: 'no Pod matches',
  object: { kind: 'Service', namespace: 'default', name: 'web', field: 'spec.selector' },
};
const nowhere: Problem = { severity: 'warning', reason: 'Odd', message: 'something' };

function tools(read: readonly Problem[], compile: readonly Problem[]): CheckTools {
  return {
    read: async () => ({
      objects: [service],
      problems: read,
      locate: () => ({ file: 'a.yaml', line: 7, column: 1 }),
    }),
    compile: async () => compile,
  };
}

const nginxIngress: AnyObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'old', namespace: 'default' },
  spec: { ingressClassName: 'nginx' },
};
const noClass: Problem = {
  severity: 'warning',
  reason: 'NoSuchIngressClass',
  message: 'class "nginx" does not exist',
  object: { kind: 'Ingress', namespace: 'default', name: 'old' },
};

test("an Ingress of ingress-nginx's class is told how it is adopted, once", async () => {
  const paper = new Paper();
  const usual = tools([], [noClass]);
  const given: CheckTools = {
    read: async (paths) => ({ ...(await usual.read(paths)), objects: [nginxIngress] }),
    compile: async (objects) => await usual.compile(objects),
  };
  const command = { kind: 'check', paths: ['x'], output: 'text' } as const;
  equal(await runCheck(command, given, paper), 0);
  const [line = '', ...rest] = paper.output.trimEnd().split('\n');
  equal(line.includes('IngressClassNotAdopted'), true);
  equal(line.includes('ingress.classes: [k8s.io/ingress-nginx]'), true);
  deepEqual(rest, ['1 object checked: 0 errors, 1 warning']);
});

interface Row {
  readonly name: string;
  readonly tools: CheckTools;
  readonly lines: readonly string[];
  readonly status: number;
}

const rows: readonly Row[] = [
  {
    name: 'nothing wrong',
    tools: tools([], []),
    lines: ['1 object checked, nothing wrong'],
    status: 0,
  },
  {
    name: 'warnings alone',
    tools: tools([], [compiled]),
    lines: [
      'a.yaml:7:1: warning NoReadyEndpoints: Service default/web spec.selector: no Pod matches',
      '1 object checked: 0 errors, 1 warning',
    ],
    status: 0,
  },
  {
    name: 'everything at once, in order of place, each once',
    tools: tools([nowhere, syntax, earlier, syntax], [compiled, nowhere]),
    lines: [
      'a.yaml:7:1: warning NoReadyEndpoints: Service default/web spec.selector: no Pod matches',
      'b.yaml:1:9: warning UnknownField: no such field',
      'b.yaml:2:3: error InvalidSyntax: two\\nlines (write one)',
      'warning Odd: something',
      '1 object checked: 1 error, 3 warnings',
    ],
    status: 1,
  },
];

for (const { name, tools, lines, status } of rows) {
  test(`check: ${name}`, async () => {
    const paper = new Paper();
    const command = { kind: 'check', paths: ['.'], output: 'text' } as const;
    equal(await runCheck(command, tools, paper), status);
    equal(paper.output, `${lines.join('\n')}\n`);
  });
}

test('check --output json', async () => {
  const paper = new Paper();
  const command = { kind: 'check', paths: ['.'], output: 'json' } as const;
  equal(await runCheck(command, tools([syntax], []), paper), 1);
  deepEqual(JSON.parse(paper.output), { objects: 1, errors: 1, warnings: 0, problems: [syntax] });
});

test('configuration files among others are checked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-check-'));
  try {
    const [manifest, good, bad] = ['web.yaml', 'good.yaml', 'bad.yaml'].map((n) => join(folder, n));
    const head = 'apiVersion: config.portolan.dev/v1alpha1\nkind: PortolanConfiguration\n';
    await writeFile(manifest ?? '', 'apiVersion: v1\nkind: Service\nnope: 1\n');
    await writeFile(good ?? '', `${head}dns: off\n`);
    await writeFile(bad ?? '', `${head}dnss: off\n`);
    const files = [manifest ?? '', good ?? '', bad ?? '', join(folder, 'none.yaml'), '-'];
    const problems = await checkConfigurationFiles(files);
    deepEqual(
      problems.map(({ reason, at }) => [reason, at]),
      [['UnknownKey', { file: bad, line: 3, column: 1 }]],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
