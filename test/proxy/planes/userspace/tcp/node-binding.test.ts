import { equal, notEqual } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { chooseTcpTransport } from '../../../../../proxy/planes/userspace/tcp/index.ts';
import { loadNodeTcpBinding } from '../../../../../proxy/planes/userspace/tcp/node-binding.ts';

/** Runs `check` with another `process.binding`. */
function withBinding(replacement: unknown, check: () => void): void {
  const original = Object.getOwnPropertyDescriptor(process, 'binding');
  Object.defineProperty(process, 'binding', { value: replacement, configurable: true });
  try {
    check();
  } finally {
    if (original) Object.defineProperty(process, 'binding', original);
  }
}

suite('the TCP binding of Node', () => {
  test('this Node has it', () => {
    notEqual(loadNodeTcpBinding(), undefined);
    equal(chooseTcpTransport().name, 'handles');
  });

  const real: unknown = Reflect.get(process, 'binding');
  const load = (name: string): Record<string, unknown> =>
    typeof real === 'function' ? real.call(process, name) : {};
  const cases: readonly (readonly [string, unknown])[] = [
    ['a Node without it', undefined],
    [
      'a Node that refuses it',
      () => {
        throw new Error('No such module');
      },
    ],
    ['a Node whose modules are empty', () => ({})],
    [
      'a Node that has moved the write state',
      (name: string) => ({ ...load(name), streamBaseState: undefined }),
    ],
    [
      'a Node whose handles lack a method',
      (name: string) => ({ ...load(name), TCP: function TCP() {} }),
    ],
  ];
  for (const [what, binding] of cases) {
    test(`${what} gets the transport over net.Socket`, () => {
      withBinding(binding, () => equal(chooseTcpTransport().name, 'sockets'));
    });
  }
});
