import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeTarget } from '../../../../controller/health/index.ts';
import { parseReadinessProbe } from '../../../../controller/health/pods/readiness-probe.ts';
import type { Container, Pod, Probe } from '../../../../controller/objects/index.ts';

const container: Container = { name: 'web', ports: [{ name: 'http', containerPort: 8080 }] };
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'web' },
  spec: { containers: [container] },
};
const http: ProbeTarget = {
  kind: 'http',
  address: '10.0.0.1',
  port: 8080,
  path: '/',
  host: undefined,
  headers: [],
  expectedStatus: undefined,
  verifyTls: false,
};

const targets: readonly (readonly [probe: Probe, target: ProbeTarget, why: string])[] = [
  [{ httpGet: { port: 'http' } }, http, 'port by name, path by default'],
  [{ httpGet: { port: 81, path: 'x' } }, { ...http, port: 81, path: '/x' }, 'path without slash'],
  [{ httpGet: { port: 8080, scheme: 'HTTPS' } }, { ...http, kind: 'https' }, 'scheme'],
  [{ httpGet: { port: 8080, host: '::1' } }, { ...http, address: '::1' }, 'host is where to go'],
  [
    { httpGet: { port: 8080, httpHeaders: [{ name: 'host', value: 'a.example' }] } },
    { ...http, host: 'a.example', headers: [['host', 'a.example']] },
    'header Host is whom to ask for',
  ],
  [{ tcpSocket: { port: 'http' } }, { kind: 'tcp', address: '10.0.0.1', port: 8080 }, 'TCP'],
  [
    { grpc: { port: 9090, service: 'cart' } },
    { kind: 'grpc', address: '10.0.0.1', port: 9090, service: 'cart', host: undefined },
    'gRPC',
  ],
  [
    { exec: { command: ['test', '-f', '/x'] } },
    { kind: 'exec', command: ['test', '-f', '/x'] },
    'exec',
  ],
];

for (const [probe, target, why] of targets) {
  test(`readinessProbe: ${why}`, () => {
    const parsed = parseReadinessProbe(pod, container, probe, '10.0.0.1');
    deepEqual(parsed.kind === 'probe' && parsed.target, target);
  });
}

test('readinessProbe: defaults of the API, 0 meaning the default', () => {
  const probe: Probe = { tcpSocket: { port: 1 }, periodSeconds: 0, failureThreshold: 0 };
  const parsed = parseReadinessProbe(pod, container, probe, '10.0.0.1');
  deepEqual(parsed.kind === 'probe' && parsed.schedule, {
    intervalMs: 10_000,
    timeoutMs: 1000,
    initialDelayMs: 0,
    successThreshold: 1,
    failureThreshold: 3,
  });
});

const wrong: readonly (readonly [probe: Probe, message: RegExp])[] = [
  [{}, /has nothing to do/],
  [{ exec: {} }, /has nothing to do/],
  [{ tcpSocket: { port: 'admin' } }, /names port "admin", which the container does not have/],
  [{ httpGet: { port: 'admin' } }, /names port "admin", which the container does not have/],
];

for (const [probe, message] of wrong) {
  test(`readinessProbe ${JSON.stringify(probe)} is reported with its place`, () => {
    const parsed = parseReadinessProbe(pod, container, probe, '10.0.0.1');
    equal(parsed.kind, 'wrong');
    if (parsed.kind !== 'wrong') return;
    match(parsed.problem.message, message);
    equal(parsed.problem.object?.field, 'spec.containers[0].readinessProbe');
  });
}
