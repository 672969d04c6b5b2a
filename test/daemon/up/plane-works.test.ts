import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { planeWorks, type ServedHere } from '../../../daemon/up/plane-works.ts';

const pool = (service: string, endpoints: number): [string, never] => {
  const one: unknown = {
    namespace: 'shop',
    service,
    endpoints: Array.from({ length: endpoints }, (_, at) => ({ address: `10.0.0.${at}` })),
  };
  return [service, one as never];
};
const serving: ServedHere = {
  workers: [{ applied: { l4: 0, dns: 0, ingress: 0 } }, { applied: { l4: 3, dns: 3, ingress: 3 } }],
  isKernelProxy: false,
  isProxyHealthy: true,
  pools: new Map([pool('web', 1), pool('ill', 1)]),
};
const none = { workers: [{ applied: { l4: 0, dns: 0, ingress: 0 } }] };
const healthy = new Set(['shop/web']);

const cases = [
  // plane     what differs                                         works   why
  ['Ingress', {}, true, 'one worker, one healthy backend'],
  ['Ingress', none, false, 'no worker has a table in force'],
  ['Ingress', { workers: [] }, false, 'no worker lives'],
  ['Ingress', { pools: new Map() }, true, 'nothing that could be ill'],
  ['Ingress', { pools: new Map([pool('web', 0)]) }, false, 'no endpoint'],
  ['Ingress', { pools: new Map([pool('ill', 2)]) }, false, 'all fail their checks: a panic'],
  ['DNS', {}, true, 'one worker'],
  ['DNS', none, false, 'no worker'],
  ['L4', {}, true, 'one worker'],
  ['L4', none, false, 'no worker'],
  ['L4', { ...none, isKernelProxy: true }, true, 'the kernel needs no worker'],
  ['L4', { isKernelProxy: true, isProxyHealthy: false }, false, 'rules lag behind'],
] as const;

for (const [plane, differs, works, why] of cases) {
  test(`${plane} ${works ? 'works' : 'does not work'}: ${why}`, () => {
    equal(
      planeWorks(plane, { ...serving, ...differs }, (one) => healthy.has(one)),
      works,
    );
  });
}
