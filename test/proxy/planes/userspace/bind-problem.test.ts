import { equal, match, notEqual } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bindProblem } from '../../../../proxy/planes/userspace/bind-problem.ts';
import type { ListenRole } from '../../../../proxy/planes/userspace/listen-plan.ts';
import { servicePort } from './fixtures.ts';

type Row = readonly [
  code: string,
  role: ListenRole,
  reason: string,
  severity: 'error' | 'warning',
  says: RegExp,
];

const rows: readonly Row[] = [
  ['EADDRINUSE', 'clusterIP', 'PortInUse', 'error', /ss -ltnp 'sport = :80'/],
  ['EADDRINUSE', 'nodePort', 'PortInUse', 'error', /another process/],
  ['CLAIMED', 'externalIP', 'PortInUse', 'error', /default\/other/],
  ['EADDRNOTAVAIL', 'clusterIP', 'AddressNotLocal', 'error', /--service-cidr/],
  ['EADDRNOTAVAIL', 'nodePort', 'AddressNotLocal', 'error', /NodePort addresses/],
  ['EADDRNOTAVAIL', 'externalIP', 'AddressNotLocal', 'warning', /ip address add/],
  ['EADDRNOTAVAIL', 'loadBalancer', 'AddressNotLocal', 'warning', /ip address add/],
  ['EAFNOSUPPORT', 'clusterIP', 'AddressNotLocal', 'error', /no interface/],
  ['EACCES', 'clusterIP', 'PermissionDenied', 'error', /CAP_NET_BIND_SERVICE/],
  ['EMFILE', 'clusterIP', 'TooManyOpenFiles', 'error', /LimitNOFILE/],
  ['ENOMEM', 'clusterIP', 'BindFailed', 'error', /ENOMEM/],
];

suite('bindProblem', () => {
  for (const [code, role, reason, severity, says] of rows) {
    test(`${code} on a ${role} is ${reason}, ${severity}`, () => {
      const point = { host: '192.0.2.1', port: 80, role };
      const problem = bindProblem(servicePort(), point, { code, holder: 'default/other' });
      equal(problem.reason, reason);
      equal(problem.severity, severity);
      match(`${problem.message} ${problem.instead}`, says);
      match(problem.message, /^192\.0\.2\.1:80 /);
      equal(problem.object?.kind, 'Service');
      notEqual(problem.object?.field, undefined);
    });
  }
});
