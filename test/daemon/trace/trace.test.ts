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
import { ConfigError } from '../../../controller/base/index.ts';
import { secretWord, shop } from '../views/shop.ts';

let input: TraceInput;

/** As a worker explains; nobody is asked about names of `gone`. */
async function explainName(name: string, type: string): Promise<string | undefined> {
  if (name.endsWith('.gone')) return undefined;
  if (type === 'NOPE') throw new ConfigError('BadQuestion', 'write A');
  return `${name} ${type}\n\nserver block  dns://.:53\nkubernetes  Service default/web\n\nNOERROR\n  ${name} 5 IN A 127.96.0.10\n`;
}

before(async () => {
  const moment = await shop();
  input = { ...moment, runtime: { ...moment.runtime, kernelRules: () => [], explainName } };
});

const endpoint = (address: string, weight: number) =>
  ({ address, port: 8080, weight, local: false, terminating: false }) as const;

async function trace(
  text: string,
  changed: Partial<ServicePort> = {},
  from?: string,
): Promise<Trace> {
  const target = parseTarget(text, 'default');
  const ports = [...input.services.ports].map(
    ([key, port]) =>
      [key, { ...port, clusterEndpoints: [endpoint('10.0.0.1', 3)], ...changed }] as const,
  );
  const services = { generation: 1, ports: new Map(ports) };
  const client = { address: from, method: 'GET', headers: new Map<string, string>() };
  return await traceTarget(target, text, client, { ...input, services });
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
  test(`L4 ${name}`, async () => {
    const traced = await trace(text, 'changed' in more ? more.changed : {});
    match(traced.outcome, outcome);
    deepEqual(course(traced), steps);
  });
}

test('ip_hash names the endpoint that the client gets, as the planes choose it', async () => {
  const two = [endpoint('10.0.0.1', 1), endpoint('10.0.0.2', 1)];
  const hashed = { algorithm: 'ip_hash', clusterEndpoints: two } as const;
  const chosen = new Set<string>();
  for (let client = 0; client < 40; client += 1) {
    chosen.add((await trace('web:80', hashed, `192.0.2.${client}`)).outcome);
  }
  equal(chosen.size, 2);
  match((await trace('web:80', hashed)).steps.at(-1)?.text ?? '', /say one with --from/);
});

test('shares follow weights', async () => {
  const weighted = {
    algorithm: 'weighted',
    clusterEndpoints: [endpoint('10.0.0.1', 3), endpoint('10.0.0.2', 1)],
  } as const;
  const [first = '', second = ''] = (await trace('web:80', weighted)).steps.at(-1)?.details ?? [];
  match(first, /weight 3, 75 %/);
  match(second, /weight 1, 25 %/);
});

test('kernel rules are shown where there are some', async () => {
  input = { ...input, runtime: { ...input.runtime, kernelRules: (key) => [`rule of ${key}`] } };
  deepEqual((await trace('web:80')).steps[1]?.details, ['rule of default/web:http/TCP/IPv4']);
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
  test(`HTTP ${url}`, async () => {
    const traced = await trace(url);
    match(traced.outcome, outcome);
    deepEqual(course(traced), steps);
  });
}

test('rules that do not serve say why', async () => {
  const { details = [] } =
    (await trace('https://shop.example/cart')).steps.find(({ name }) => name === 'rule') ?? {};
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
  test(`/debug/trace?${query} is ${status}`, async () => {
    const answer = await answerTrace(new URL(`http://daemon/debug/trace?${query}`), input);
    equal(answer.status, status);
    match(answer.body, body);
    doesNotMatch(answer.body, new RegExp(secretWord));
  });
}

test('a name is traced to the object that answers; none without a worker or a DNS plane', async () => {
  const dns = {
    name: 'dns',
    serves: 'dns',
    addresses: [{ name: 'dns', host: '127.0.0.1', port: 53 }],
  } as const;
  equal((await trace('dns web.default')).outcome, 'Nobody answers.');
  input = { ...input, runtime: { ...input.runtime, planes: [...input.runtime.planes, dns] } };
  const traced = await trace('dns web.default');
  deepEqual(course(traced), ['listener passed', 'plugins passed', 'answer passed']);
  match(traced.steps[1]?.details.join('\n') ?? '', /Service default\/web/);
  equal(traced.outcome, 'NOERROR');
  equal((await trace('dns web.gone')).outcome, 'Nobody answers.');
  const refused = await answerTrace(new URL('http://daemon/?target=dns web NOPE'), input);
  deepEqual([refused.status, refused.body], [400, 'write A\n']);
});
