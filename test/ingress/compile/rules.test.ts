import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { hostError } from '../../../ingress/compile/host-rule.ts';
import { pathError } from '../../../ingress/compile/path-rule.ts';

const hosts = [
  ['', true],
  ['foo.com', true],
  ['*.foo.com', true],
  ['localhost', true],
  ['xn--bcher-kva.example', true],
  [`${'a'.repeat(63)}.com`, true],
  [`${'a'.repeat(64)}.com`, false],
  ['10.0.0.1', false],
  ['[::1]', false],
  ['::1', false],
  ['foo.com:80', false],
  ['Foo.com', false],
  ['*', false],
  ['foo.*', false],
  ['f*.com', false],
  ['*.*.com', false],
  ['foo_bar.com', false],
  ['-foo.com', false],
  ['foo..com', false],
] as const;
for (const [host, isGood] of hosts) {
  test(`rules[].host "${host}" is ${isGood ? 'served' : 'refused'}`, () => {
    equal(hostError(host) === undefined, isGood, hostError(host));
  });
}

const paths = [
  ['/', 'Prefix', true],
  ['/foo/', 'Exact', true],
  ['/a.b/..c', 'Prefix', true],
  ['', 'ImplementationSpecific', true],
  ['/a//b', 'ImplementationSpecific', true],
  ['', 'Prefix', false],
  ['', 'Exact', false],
  ['foo', 'Prefix', false],
  ['foo', 'ImplementationSpecific', false],
  ['//', 'Prefix', false],
  ['/a/./b', 'Exact', false],
  ['/a/../b', 'Prefix', false],
  ['/a%2fb', 'Exact', false],
  ['/a%2Fb', 'Prefix', false],
  ['/a/.', 'Prefix', false],
  ['/a/..', 'Exact', false],
] as const;
for (const [path, pathType, isGood] of paths) {
  test(`${pathType} path "${path}" is ${isGood ? 'served' : 'refused'}`, () => {
    equal(pathError(path, pathType) === undefined, isGood, pathError(path, pathType));
  });
}
