import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import {
  converse,
  dialClient,
  endOf,
  freePort,
  loopbackAddress,
  servicePort,
  startEcho,
  startLab,
  startNamed,
  until,
} from './fixtures.ts';

suite('listening addresses follow the table', () => {
  test('each address of a Service is listened on, NodePorts on their own addresses', async () => {
    await using backend = await startNamed('x');
    const [cluster, external, balancer, node] = Array.from({ length: 4 }, loopbackAddress);
    ok(cluster && external && balancer && node);
    await using lab = startLab({ nodePortAddresses: [node, '::1'] });
    const nodePort = await freePort(node);
    await lab.apply(
      servicePort({
        clusterIP: cluster,
        externalIPs: [external],
        loadBalancerIPs: [balancer],
        nodePort,
        clusterEndpoints: [backend.endpoint],
      }),
    );
    const hosts = lab.plane.addresses().map(({ host }) => host);
    deepEqual(hosts.toSorted(), [balancer, cluster, external, node].toSorted());
    for (const host of hosts) equal(await converse(lab.listener(host)), 'x');
    equal(lab.listener(node).port, nodePort);
  });

  test('a diff touches what it names, and an endpoint change binds nothing anew', async () => {
    await using a = await startNamed('a');
    await using b = await startNamed('b');
    await using lab = startLab();
    // Port 0 gives a free port at each bind: a socket bound again would show another number.
    const one = servicePort({
      name: 'one',
      clusterIP: loopbackAddress(),
      clusterEndpoints: [a.endpoint],
    });
    const two = servicePort({
      name: 'two',
      clusterIP: loopbackAddress(),
      clusterEndpoints: [a.endpoint],
    });
    const table = new Map([one, two].map((port) => [port.key, port]));
    await lab.plane.apply({ generation: 1, ports: table }, undefined);
    const before = lab.plane.addresses();
    const moved = { ...one, clusterEndpoints: [b.endpoint] };
    const ports = new Map(table).set(moved.key, moved);
    const report = await lab.plane.apply(
      { generation: 2, ports },
      { fromGeneration: 1, upserted: [moved], removed: [] },
    );
    deepEqual(report, { generation: 2, problems: [] });
    deepEqual(lab.plane.addresses(), before);
    equal(await converse(lab.listener(one.clusterIP)), 'b');
    equal(await converse(lab.listener(two.clusterIP)), 'a');
  });

  test('a diff from another generation is not trusted', async () => {
    await using backend = await startNamed('x');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    const port = servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] });
    await lab.plane.apply(
      { generation: 9, ports: new Map([[port.key, port]]) },
      { fromGeneration: 8, upserted: [], removed: [] },
    );
    equal(await converse(lab.listener()), 'x');
  });

  test('an address moves from one Service to another in one table', async () => {
    await using a = await startNamed('a');
    await using b = await startNamed('b');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    const port = await freePort(clusterIP);
    const fields = { port, clusterIP };
    await lab.apply(servicePort({ name: 'one', ...fields, clusterEndpoints: [a.endpoint] }));
    await lab.apply(servicePort({ name: 'two', ...fields, clusterEndpoints: [b.endpoint] }));
    deepEqual(lab.problems.reasons, []);
    equal(await converse(lab.listener()), 'b');
  });

  test('a Service that comes back while sessions drain is the same Service', async () => {
    await using backend = await startEcho();
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    const port = servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] });
    await lab.apply(port);
    const client = await dialClient(lab.listener());
    await until(() => backend.accepted.length === 1);
    await lab.apply();
    await lab.apply(port);
    equal(lab.plane.activity().length, 1);
    equal(lab.plane.activity()[0]?.active, 1);
    equal(await converse(lab.listener(), 'again'), 'again');
    client.destroy();
  });

  test('two planes share an address with reusePort', async () => {
    await using backend = await startNamed('shared');
    await using first = startLab({ reusePort: true });
    await using second = startLab({ reusePort: true });
    const clusterIP = loopbackAddress();
    const port = await freePort(clusterIP);
    const row = servicePort({ clusterIP, port, clusterEndpoints: [backend.endpoint] });
    await first.apply(row);
    await second.apply(row);
    deepEqual([...first.problems.reasons, ...second.problems.reasons], []);
    const counts = (): readonly number[] =>
      [first, second].map((lab) => lab.plane.activity()[0]?.endpoints[0]?.total ?? 0);
    // The kernel deals by a hash of both addresses: 64 clients on one side is 2^-63.
    for (let i = 0; i < 64; i += 1) equal(await converse({ host: clusterIP, port }), 'shared');
    const [ofFirst = 0, ofSecond = 0] = counts();
    equal(ofFirst + ofSecond, 64);
    ok(ofFirst > 0 && ofSecond > 0);
    await first.plane.drain(0);
    equal(await converse({ host: clusterIP, port }), 'shared');
  });

  test('disposing closes everything', async () => {
    await using backend = await startEcho();
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    const at = lab.listener();
    const client = await dialClient(at);
    const end = endOf(client);
    await until(() => backend.accepted.length === 1);
    await lab.plane[Symbol.asyncDispose]();
    equal(await end, 'ECONNRESET');
    equal(await converse(at), 'ECONNREFUSED');
    equal(lab.clock.pending, 0);
  });
});

suite('addresses that can’t be had are problems and stop nothing else', () => {
  test('PortInUse, served as soon as the port is free', async () => {
    await using backend = await startNamed('late');
    await using lab = startLab();
    const [taken, free] = [loopbackAddress(), loopbackAddress()];
    const squatter = createServer().listen(0, taken);
    await once(squatter, 'listening');
    const bound = squatter.address();
    const port = typeof bound === 'object' ? Number(bound?.port) : 0;
    await lab.apply(
      servicePort({
        clusterIP: taken,
        externalIPs: [free],
        port,
        clusterEndpoints: [backend.endpoint],
      }),
    );
    const [problem] = lab.problems.all;
    equal(problem?.reason, 'PortInUse');
    equal(problem?.severity, 'error');
    equal(problem?.object?.field, 'spec.clusterIP');
    ok(problem?.message.includes(`${taken}:${port} is taken by another process`));
    equal(await converse(lab.listener(free)), 'late', 'the other address serves');
    squatter.close();
    await once(squatter, 'close');
    lab.clock.advance(1000);
    await until(() => lab.problems.all.length === 0);
    equal(await converse(lab.listener(taken)), 'late');
  });

  test('retries back off: 1 s, 2 s, 4 s … 30 s', async () => {
    await using backend = await startNamed('x');
    await using lab = startLab();
    const clusterEndpoints = [backend.endpoint];
    // TEST-NET-1 (RFC 5737): on no machine, and nothing is sent to bind.
    await lab.apply(servicePort({ clusterIP: '192.0.2.1', port: 8080, clusterEndpoints }));
    const timers = lab.clock.pending;
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      lab.clock.advance(waitMs - 1);
      equal(lab.clock.pending, timers, `not before ${waitMs} ms`);
      lab.clock.advance(1);
      equal(lab.clock.pending, timers - 1, `tries after ${waitMs} ms`);
      await until(() => lab.clock.pending === timers);
    }
    deepEqual(lab.problems.reasons, ['AddressNotLocal']);
  });

  const foreign = '192.0.2.1';
  const cases = [
    // role          fields                              severity   field
    ['clusterIP', { clusterIP: foreign }, 'error', 'spec.clusterIP'],
    ['externalIP', { externalIPs: [foreign] }, 'warning', 'spec.externalIPs'],
    ['balancer', { loadBalancerIPs: [foreign] }, 'warning', 'status.loadBalancer.ingress'],
  ] as const;
  for (const [role, fields, severity, field] of cases) {
    test(`AddressNotLocal on a ${role} is a ${severity}`, async () => {
      await using backend = await startNamed('x');
      await using lab = startLab();
      const clusterEndpoints = [backend.endpoint];
      await lab.apply(servicePort({ ...fields, port: 8080, clusterEndpoints }));
      const [problem] = lab.problems.all;
      equal(problem?.reason, 'AddressNotLocal');
      equal(problem?.severity, severity);
      equal(problem?.object?.field, field);
      notEqual(problem?.instead, undefined);
      await lab.apply();
      deepEqual(lab.problems.all, [], 'withdrawn with the Service');
    });
  }

  test('two Services with one address: the first keeps it, also under reusePort', async () => {
    await using a = await startNamed('a');
    await using b = await startNamed('b');
    await using lab = startLab({ reusePort: true });
    const externalIPs = [loopbackAddress()];
    const port = await freePort(externalIPs[0] ?? '');
    const one = servicePort({ name: 'one', externalIPs, port, clusterEndpoints: [a.endpoint] });
    const two = servicePort({ name: 'two', externalIPs, port, clusterEndpoints: [b.endpoint] });
    await lab.apply(one, two);
    const [problem] = lab.problems.all;
    equal(problem?.reason, 'PortInUse');
    equal(problem?.object?.name, 'two');
    ok(problem?.message.includes(one.key));
    for (let i = 0; i < 8; i += 1) equal(await converse(lab.listener()), 'a');
    await lab.apply(two);
    lab.clock.advance(1000);
    await until(() => lab.problems.all.length === 0);
    equal(await converse(lab.listener()), 'b');
  });

  test('SCTP is a problem', async () => {
    await using lab = startLab();
    await lab.apply(servicePort({ protocol: 'SCTP', clusterIP: loopbackAddress(), port: 9 }));
    deepEqual(lab.problems.reasons, ['ProtocolNotServed']);
    deepEqual(lab.plane.addresses(), []);
  });
});
