import { equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Service } from '../../../controller/objects/index.ts';
import {
  algorithmOf,
  algorithms,
  defaultAlgorithm,
  parseAlgorithm,
} from '../../../proxy/balancer/index.ts';

const names = [
  // written        read
  ['round-robin', 'round-robin'],
  ['round_robin', 'round-robin'],
  [' Least_Conn ', 'least-conn'],
  ['ip-hash', 'ip_hash'],
  ['P2C', 'p2c'],
  ['roundrobin', undefined],
  ['maglev', undefined],
  ['', undefined],
] as const;

suite('algorithm names', () => {
  for (const [written, read] of names) {
    test(`"${written}" is ${read}`, () => equal(parseAlgorithm(written), read));
  }

  test('every algorithm is known by its own name', () => {
    for (const algorithm of algorithms) equal(parseAlgorithm(algorithm), algorithm);
  });
});

function service(annotations?: Record<string, string>): Service {
  const metadata = { name: 'shop', namespace: 'web', ...(annotations && { annotations }) };
  return { apiVersion: 'v1', kind: 'Service', metadata };
}

suite('the algorithm of a Service', () => {
  test('without annotation: the default, no problem', () => {
    const { algorithm, problem } = algorithmOf(service());
    equal(algorithm, defaultAlgorithm);
    equal(problem, undefined);
  });

  test('a wrong name: the default, and a problem with every right one', () => {
    const { algorithm, problem } = algorithmOf(
      service({ 'portolan.dev/load-balancing': 'fastest' }),
    );
    equal(algorithm, defaultAlgorithm);
    equal(problem?.reason, 'UnknownAlgorithm');
    match(problem?.message ?? '', /"fastest"/);
    for (const name of algorithms) match(problem?.instead ?? '', new RegExp(name));
  });
});
