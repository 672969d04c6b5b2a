import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { loadNodeTlsBinding } from '../../../../ingress/transport/index.ts';
import { chooseTcpTransport } from '../../../../proxy/planes/userspace/tcp/index.ts';
import { rigWithoutBindings } from './without-bindings.ts';

rigWithoutBindings();

test('without bindings, net.Socket and node:tls carry the connections', () => {
  equal(chooseTcpTransport().name, 'sockets');
  equal(loadNodeTlsBinding(), undefined);
});

await import('../compat/tls.test.ts');
