import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../../../controller/objects/index.ts';
import { checkTools } from '../../../daemon/check/index.ts';
import { runMigrateIngressNginx } from '../../../daemon/cli/migrate-ingress-nginx.ts';
import { annotated } from '../../ingress/annotations/rig.ts';
import { Paper } from '../cli/paper.ts';

/** What the command prints of these objects, and its exit status. */
async function migrate(
  ...objects: readonly AnyObject[]
): Promise<{ readonly status: number; readonly lines: readonly string[] }> {
  const paper = new Paper();
  const read = async (): ReturnType<typeof checkTools.read> => ({
    objects,
    problems: [],
    locate: () => undefined,
  });
  const command = { kind: 'migrate', from: 'ingress-nginx', paths: ['m'] } as const;
  const status = await runMigrateIngressNginx(command, { ...checkTools, read }, paper);
  return { status, lines: paper.output.trimEnd().split('\n') };
}

test('each Ingress has its verdict, and the total comes last', async () => {
  const { status, lines } = await migrate(
    annotated({ 'proxy-connect-timeout': '6', 'ssl-redirect': 'false' }, { name: 'a', path: '/a' }),
    annotated({ affinity: 'cookie' }, { name: 'b', path: '/b' }),
    annotated({ 'auth-snippet': 'deny all;' }, { name: 'c', path: '/c' }),
    annotated({ 'enable-modsecurity': 'true' }, { name: 'd', path: '/d' }),
  );
  equal(status, 1);
  deepEqual(
    lines.filter((line) => !line.startsWith(' ')),
    [
      'default/a: works as is',
      'default/b: works, with a difference',
      'default/c: not supported as it is',
      'default/d: not supported as it is',
      '4 Ingresses: 1 work as they are, 1 with a difference, 2 not supported',
    ],
  );
  match(lines.find((line) => line.includes('auth-snippet')) ?? '', /its routes answer 503/);
});

test('whatever class the Ingresses name, they are looked at; missing Services are not counted', async () => {
  const odd = annotated({}, { name: 'a' });
  const spec = { ...odd.spec, ingressClassName: 'internal' };
  const { status, lines } = await migrate({ ...odd, spec });
  equal(status, 0);
  deepEqual(lines, [
    'default/a: works as is',
    '1 Ingresses: 1 work as they are, 0 with a difference, 0 not supported',
  ]);
});
