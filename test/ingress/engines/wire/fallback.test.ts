import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { createWireEngine } from '../../../../ingress/index.ts';
import { loadNodeTlsBinding } from '../../../../ingress/transport/index.ts';
import { chooseTcpTransport } from '../../../../proxy/planes/userspace/tcp/index.ts';
import { rigWith } from '../compat/rig.ts';

// A Node without its own bindings within reach, as one with --permission is.
Object.defineProperty(process, 'binding', { value: undefined });

test('without bindings, net.Socket and node:tls carry the connections', () => {
  equal(chooseTcpTransport().name, 'sockets');
  equal(loadNodeTlsBinding(), undefined);
});

rigWith(createWireEngine);
await import('../compat/tls.test.ts');
await import('../compat/framing.test.ts');
await import('../compat/upgrade.test.ts');
await import('../compat/leaks.test.ts');
