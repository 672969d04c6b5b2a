import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  parseTarget,
  type Trace,
  type TraceInput,
  traceTarget,
} from '../../../daemon/trace/index.ts';
import { answerTrace } from '../../../daemon/trace/answer.ts';
import type { ServicePort } from '../../../proxy/compile/table.ts';
import { secretWord, shop } from '../views/shop.ts';

let input: TraceInput;
before(async () => {
  const moment = await shop();
  input = { ...moment, runtime: { ...moment.runtime, kernelRules: () => [] } };
});

const endpoint = (address: string, weight: number) =>
  ({ address, port: 8080, weight, local: false, terminating: false }) as const;

function trace(text: string, changed: Partial<ServicePort> = {}, from?: string): Trace {
  const target = parseTarget(text, 'default');
  if (target.kind === 'dns') throw new Error('not here');
  const ports = [...input.services.ports].map(
    ([key, port]) =>
      [key, { ...port, clusterEndpoints: [endpoint('10.0.0.1', 3)], ...changed }] as const,
  );
  const services = { generation: 1, ports: new Map(ports) };
  const client = { address: from, method: 'GET', headers: new Map<string, string>() };
  return traceTarget(target, text, client, { ...input, services });
}

/** `name verdict` of each step. */
function course({ steps }: Trace): readonly string[] {
  return steps.map(({ name, verdict }) => `${name} ${verdict}`);
}

const l4 = [
  {
    name: 'by name',
    text: 'web:http',
    outcome: /^Answered by 10\.0\.0\.1:8080\.$/,
    steps: [
      'Service passed',
      'data plane passed',
      'traffic policy note',
      'endpoints passed',
      'balancer passed',
    ],
  },
  {
    name: 'by a cluster IP',
    text: '127.96.0.10:80',
    outcome: /^Answered by 10\.0\.0\.1:8080\.$/,
    steps: [
      'Service passed',
      'data plane passed',
      'traffic policy note',
      'endpoints passed',
      'balancer passed',
    ],
  },
  {
    name: 'by a node port',
    text: '192.0.2.1:30080',
    outcome: /^Answered by/,
    steps: [
      'Service passed',
      'data plane passed',
      'traffic policy note',
      'endpoints passed',
      'balancer passed',
    ],
  },
  {
    name: 'no endpoint at all is refused',
    text: 'web:80',
    changed: { clusterEndpoints: [], hasAnyEndpoint: false },
    outcome: /^Refused/,
    steps: ['Service passed', 'data plane passed', 'traffic policy note', 'endpoints stopped'],
  },
  {
    name: 'none on this node under Local is dropped',
    text: '192.0.2.1:30080',
    changed: { externalPolicy: 'Local', localEndpoints: [] },
    outcome: /dropped/,
    steps: ['Service passed', 'data plane passed', 'traffic policy note', 'endpoints stopped'],
  },
  {
    name: 'a port that the Service lacks',
    text: 'web:81',
    outcome: /has no port 81\/TCP: it has http\/TCP/,
    steps: ['port stopped'],
  },
  {
    name: 'no such Service',
    text: 'shop/wob:80',
    outcome: /no Service shop\/wob/,
    steps: ['Service stopped'],
  },
  {
    name: 'ExternalName',
    text: 'elsewhere:80',
    outcome: /DNS answers/,
    steps: ['Service stopped'],
  },
  {
    name: 'an address of nobody',
    text: '192.0.2.1:1',
    outcome: /no Service has/,
    steps: ['Service stopped'],
  },
] as const;
for (const { name, text, outcome, steps, ...more } of l4) {
  test(`L4 ${name}`, () => {
    const traced = trace(text, 'changed' in more ? more.changed : {});
    match(traced.outcome, outcome);
    deepEqual(course(traced), steps);
  });
}

test('ip_hash names the endpoint that the client gets, as the planes choose it', () => {
  const two = [endpoint('10.0.0.1', 1), endpoint('10.0.0.2', 1)];
  const hashed = { algorithm: 'ip_hash', clusterEndpoints: two } as const;
  const chosen = Array.from(
    { length: 40 },
    (_, index) => trace('web:80', hashed, `192.0.2.${index}`).outcome,
  );
  deepEqual(new Set(chosen).size, 2);
  match(trace('web:80', hashed).steps.at(-1)?.text ?? '', /say one with --from/);
});

test('shares follow weights', () => {
  const weighted = {
    algorithm: 'weighted',
    clusterEndpoints: [endpoint('10.0.0.1', 3), endpoint('10.0.0.2', 1)],
  } as const;
  const [first = '', second = ''] = trace('web:80', weighted).steps.at(-1)?.details ?? [];
  match(first, /weight 3, 75 %/);
  match(second, /weight 1, 25 %/);
});

test('kernel rules are shown where there are some', () => {
  input = { ...input, runtime: { ...input.runtime, kernelRules: (key) => [`rule of ${key}`] } };
  deepEqual(trace('web:80').steps[1]?.details, ['rule of default/web:http/TCP/IPv4']);
});

const http = [
  {
    url: 'http://shop.example:8080/cart',
    outcome: /^308 to https:\/\/shop\.example\/cart$/,
    steps: ['listener passed', 'host passed', 'rule passed', 'redirect stopped'],
  },
  {
    url: 'https://shop.example/cart',
    outcome: /^Answered by 10\.0\.0\.1:8080\.$/,
    steps: [
      'listener stopped',
      'certificate passed',
      'host passed',
      'rule passed',
      'backend passed',
      'endpoint passed',
    ],
  },
  {
    url: 'https://shop.example/gone',
    outcome: /^503 from this node: no such Service$/,
    steps: [
      'listener stopped',
      'certificate passed',
      'host passed',
      'rule passed',
      'backend stopped',
    ],
  },
  {
    url: 'http://other.example/',
    outcome: /^404 from this node/,
    steps: ['listener note', 'host note', 'rule stopped'],
  },
] as const;
for (const { url, outcome, steps } of http) {
  test(`HTTP ${url}`, () => {
    const traced = trace(url);
    match(traced.outcome, outcome);
    deepEqual(course(traced), steps);
  });
}

test('rules that do not serve say why', () => {
  const { details = [] } =
    trace('https://shop.example/cart').steps.find(({ name }) => name === 'rule') ?? {};
  match(details.join('\n'), /\/cart is not exactly \/gone/);
  match(details.join('\n'), /Prefix \/ .*: serves it/);
});

const asked = [
  ['target=http://shop.example/', 200, /"outcome"/],
  ['target=web', 400, /write a URL/],
  ['target=web:80&from=here', 400, /"here" is no address/],
  ['target=web:80&header=nothing', 400, /no colon/],
] as const;
for (const [query, status, body] of asked) {
  test(`/debug/trace?${query} is ${status}`, () => {
    const answer = answerTrace(new URL(`http://daemon/debug/trace?${query}`), input);
    equal(answer.status, status);
    match(answer.body, body);
    doesNotMatch(answer.body, new RegExp(secretWord));
  });
}
