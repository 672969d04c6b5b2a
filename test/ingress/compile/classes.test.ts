import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress, IngressClass } from '../../../controller/objects/index.ts';
import { ingress, path, reasons, removed, rule, startCompiler, upserted } from './objects.ts';

function ingressClass(name: string, controller: string): IngressClass {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name },
    spec: { controller },
  };
}

function withClass(field: string | undefined, annotation?: string): Ingress {
  const base = ingress('web', rule('app.test', path('/')));
  const { ingressClassName: _, ...spec } = base.spec ?? {};
  return {
    ...base,
    metadata: {
      ...base.metadata,
      ...(annotation !== undefined && {
        annotations: { 'kubernetes.io/ingress.class': annotation },
      }),
    },
    spec: { ...spec, ...(field !== undefined && { ingressClassName: field }) },
  };
}

const ours = ingressClass('web', 'portolan.dev/ingress');
const foreign = ingressClass('nginx', 'k8s.io/ingress-nginx');
const stolen = ingressClass('portolan', 'example.com/other');
const cases = [
  // what                                   field       annotation  classes            options                                served problem
  ['a class of our controller', 'web', undefined, [ours], {}, true, []],
  ['a class of another controller', 'nginx', undefined, [foreign], {}, false, []],
  ['our name, without an IngressClass', 'portolan', undefined, [], {}, true, []],
  ['our name, taken by another controller', 'portolan', undefined, [stolen], {}, false, []],
  [
    'a class that does not exist, we being alone',
    'web',
    undefined,
    [],
    {},
    false,
    ['NoSuchIngressClass'],
  ],
  ['a class that does not exist, among others', 'web', undefined, [foreign], {}, false, []],
  [
    'a slip of the pen, among others',
    'portlan',
    undefined,
    [foreign],
    {},
    false,
    ['NoSuchIngressClass'],
  ],
  [
    'an adopted controller',
    'nginx',
    undefined,
    [foreign],
    { classes: ['k8s.io/ingress-nginx'] },
    true,
    [],
  ],
  ['an adopted name', 'nginx', undefined, [], { classes: ['nginx'] }, true, []],
  ['the annotation', undefined, 'portolan', [], {}, true, []],
  ['the annotation for another', undefined, 'nginx', [foreign], {}, false, []],
  ['the field before the annotation', 'nginx', 'portolan', [foreign], {}, false, []],
  ['no class', undefined, undefined, [], {}, false, ['NoIngressClass']],
  ['no class, among others', undefined, undefined, [foreign], {}, false, []],
  [
    'no class, where that is served',
    undefined,
    undefined,
    [],
    { watchWithoutClass: true },
    true,
    [],
  ],
] as const;
for (const [what, field, annotation, classes, options, served, problems] of cases) {
  test(`${what}: ${served ? 'served' : 'not served'}`, () => {
    const { update, compiler } = startCompiler(options);
    const result = update({
      classes: upserted(...classes),
      ingresses: upserted(withClass(field, annotation)),
    });
    equal(compiler.isServed('default/web'), served);
    equal(result.table.hosts.has('app.test'), served);
    deepEqual(
      result.problems.map(({ reason }) => reason).filter((reason) => reason !== 'NoSuchService'),
      problems,
    );
  });
}

test('a class that comes, changes or goes is felt at once', () => {
  const { update, compiler } = startCompiler();
  update({ ingresses: upserted(withClass('web')) });
  update({ classes: upserted(ours) });
  equal(compiler.isServed('default/web'), true);
  update({ classes: upserted(ingressClass('web', 'example.com/other')) });
  equal(compiler.isServed('default/web'), false);
  update({ classes: upserted(ours) });
  const gone = update({ classes: removed('web') });
  equal(gone.table.hosts.size, 0);
  deepEqual(reasons(gone), ['NoSuchIngressClass on web spec.ingressClassName']);
});
