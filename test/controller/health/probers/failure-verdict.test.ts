import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../../../controller/health/prober.ts';
import { failureVerdict } from '../../../../controller/health/probers/failure-verdict.ts';

const withCode = (code: string, message = 'x'): Error =>
  Object.assign(new Error(message), { code });

const cases: readonly (readonly [error: unknown, verdict: Verdict, why: string])[] = [
  [withCode('ECONNREFUSED'), { kind: 'unhealthy', reason: 'connection refused' }, 'known code'],
  [
    new TypeError('fetch failed', { cause: withCode('EHOSTUNREACH') }),
    { kind: 'unhealthy', reason: 'no route to host' },
    'code of the cause',
  ],
  [
    withCode('ERR_SSL_WRONG_VERSION_NUMBER', 'C0E7:error:0A00010B:SSL routines:ssl3_get_record'),
    { kind: 'unhealthy', reason: 'TLS handshake failed: wrong version number' },
    'OpenSSL, without its source files',
  ],
  [withCode('ODD', 'odd'), { kind: 'unhealthy', reason: 'odd' }, 'unknown code'],
  ['text', { kind: 'unhealthy', reason: 'text' }, 'not even an Error'],
  [
    withCode('EMFILE', 'too many open files'),
    { kind: 'inconclusive', reason: 'too many open files' },
    'our own shortage does not condemn the target',
  ],
];

for (const [error, verdict, why] of cases) {
  test(`failure while probing: ${why}`, () => deepEqual(failureVerdict(error), verdict));
}
