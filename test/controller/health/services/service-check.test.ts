import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseServiceCheck,
  type ServiceCheck,
} from '../../../../controller/health/services/service-check.ts';
import { service } from './objects.ts';

const defaults: ServiceCheck = {
  type: 'http',
  schedule: {
    intervalMs: 5000,
    timeoutMs: 1000,
    initialDelayMs: 0,
    successThreshold: 1,
    failureThreshold: 2,
  },
  port: undefined,
  path: '/',
  host: undefined,
  expectedStatus: undefined,
  verifyTls: false,
  grpcService: '',
};

const good: readonly (readonly [
  options: Record<string, string>,
  check: ServiceCheck | undefined,
])[] = [
  [{}, undefined],
  [{ '': 'http' }, defaults],
  [{ '': 'tcp' }, { ...defaults, type: 'tcp' }],
  [
    { '': 'grpc', '-grpc-service': 'shop.v1.Cart', '-host': 'cart.example:443' },
    { ...defaults, type: 'grpc', grpcService: 'shop.v1.Cart', host: 'cart.example:443' },
  ],
  [
    {
      '': 'https',
      '-path': '/healthz?deep=1',
      '-port': 'admin',
      '-interval': '500ms',
      '-timeout': '1.5s',
      '-initial-delay': '1m',
      '-success-threshold': '3',
      '-failure-threshold': '1',
      '-expected-status': '200, 300-399',
      '-host': 'shop.example',
      '-verify-tls': 'true',
    },
    {
      ...defaults,
      type: 'https',
      path: '/healthz?deep=1',
      port: 'admin',
      schedule: {
        intervalMs: 500,
        timeoutMs: 1500,
        initialDelayMs: 60_000,
        successThreshold: 3,
        failureThreshold: 1,
      },
      expectedStatus: [
        { from: 200, to: 200 },
        { from: 300, to: 399 },
      ],
      host: 'shop.example',
      verifyTls: true,
    },
  ],
  [
    { '': 'http', '-port': '9090' },
    { ...defaults, port: 9090 },
  ],
];

for (const [options, check] of good) {
  test(`annotations ${JSON.stringify(options)}`, () => {
    deepEqual(parseServiceCheck(service('shop', options)), { check, problems: [] });
  });
}

/** With each of these the check is as if the option were absent. */
const bad: readonly (readonly [option: string, text: string])[] = [
  ['-path', 'healthz'],
  ['-path', '/a b'],
  ['-path', '/a\r\nx: y'],
  ['-port', '0'],
  ['-port', '65536'],
  ['-port', 'Web Port'],
  ['-interval', '5'],
  ['-interval', '5ms'],
  ['-interval', '25h'],
  ['-timeout', '0s'],
  ['-initial-delay', '-1s'],
  ['-success-threshold', '0'],
  ['-failure-threshold', '1.5'],
  ['-failure-threshold', '1001'],
  ['-expected-status', '200-'],
  ['-expected-status', '399-300'],
  ['-expected-status', '2xx'],
  ['-host', 'a b'],
  ['-host', 'a\nb'],
];

for (const [option, text] of bad) {
  test(`annotation ${option}: ${JSON.stringify(text)} is reported, and its default holds`, () => {
    const { check, problems } = parseServiceCheck(service('shop', { '': 'http', [option]: text }));
    deepEqual(check, defaults);
    equal(problems.length, 1);
    const [problem] = problems;
    equal(problem?.reason, 'InvalidField');
    match(problem?.message ?? '', /^Service default\/shop: .*the default is in force$/);
    ok(problem?.instead?.startsWith('write '));
    deepEqual(problem?.object, {
      kind: 'Service',
      namespace: 'default',
      name: 'shop',
      field: `metadata.annotations[portolan.dev/health-check${option}]`,
    });
  });
}

test('an unknown type of check turns checking off and names the known ones', () => {
  const { check, problems } = parseServiceCheck(service('shop', { '': 'HTTP' }));
  equal(check, undefined);
  deepEqual(problems[0]?.instead, 'write one of http, https, tcp, grpc');
});

const idle: readonly (readonly [options: Record<string, string>, message: RegExp])[] = [
  [{ '': 'http', '-pth': '/x' }, /-pth is not an option/],
  [{ '-path': '/x' }, /has no effect, since no check is turned on/],
  [{ '': 'tcp', '-path': '/x' }, /has no effect on a check of type tcp/],
  [{ '': 'http', '-verify-tls': 'true' }, /has no effect on a check of type http/],
];

for (const [options, message] of idle) {
  test(`annotations ${JSON.stringify(options)} draw a warning`, () => {
    const { problems } = parseServiceCheck(service('shop', options));
    equal(problems.length, 1);
    equal(problems[0]?.severity, 'warning');
    equal(problems[0]?.reason, 'NoEffect');
    match(problems[0]?.message ?? '', message);
  });
}
