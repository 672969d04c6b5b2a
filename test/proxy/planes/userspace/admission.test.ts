import { equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  bothTransports,
  converse,
  dialClient,
  endOf,
  loopbackAddress,
  refusing,
  servicePort,
  startEcho,
  startLab,
  startNamed,
  until,
} from './fixtures.ts';

for (const transport of bothTransports()) {
  suite(`who is let in, and to whom, over ${transport.name}`, () => {
    test('ClientIP affinity: a client stays, another may go elsewhere', async () => {
      await using a = await startNamed('a');
      await using b = await startNamed('b');
      await using lab = startLab({ transport });
      const affinity = { kind: 'ClientIP', timeoutSec: 60 } as const;
      const clusterEndpoints = [a.endpoint, b.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints, affinity }));
      const from = loopbackAddress();
      const first = await converse(lab.listener(), '', { from });
      const other = await converse(lab.listener(), '', { from: loopbackAddress() });
      equal(other, first === 'a' ? 'b' : 'a', 'round robin for who is not tied');
      for (let i = 0; i < 3; i += 1) {
        equal(await converse(lab.listener(), '', { from }), first);
      }
      lab.clock.advance(61_000);
      equal(await converse(lab.listener(), '', { from }), first, 'expired: its turn by balancing');
    });

    test('ClientIP affinity is cut when the endpoint refuses', async () => {
      await using good = await startNamed('good');
      await using lab = startLab({ transport });
      const affinity = { kind: 'ClientIP', timeoutSec: 60 } as const;
      const clusterEndpoints = [await refusing(), good.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints, affinity }));
      for (let i = 0; i < 3; i += 1) equal(await converse(lab.listener()), 'good');
      const failures = lab.plane
        .activity()[0]
        ?.endpoints.reduce((sum, endpoint) => sum + endpoint.failures, 0);
      equal(Number(failures) <= 1, true, 'tied to the good one from the first time on');
    });

    test('loadBalancerSourceRanges: only on load-balancer addresses', async () => {
      await using backend = await startNamed('in');
      await using lab = startLab({ transport });
      const [balancer, cluster, friend] = [loopbackAddress(), loopbackAddress(), loopbackAddress()];
      await lab.apply(
        servicePort({
          clusterIP: cluster,
          loadBalancerIPs: [balancer],
          loadBalancerSourceRanges: [`${friend}/32`],
          clusterEndpoints: [backend.endpoint],
        }),
      );
      const outside = { from: loopbackAddress() };
      equal(await converse(lab.listener(balancer), '', { from: friend }), 'in');
      equal(await converse(lab.listener(balancer), '', outside), 'ECONNRESET');
      equal(await converse(lab.listener(cluster), '', outside), 'in');
      const labels = 'family="IPv4",port="0",protocol="TCP",reason="outside-source-ranges"';
      const name = `portolan_l4_rejected_total{${labels},service="default/web"}`;
      equal(lab.meter.values.get(name), 1);
    });

    test('internalTrafficPolicy Local: local endpoints alone serve the ClusterIP', async () => {
      await using near = await startNamed('near', { local: true });
      await using far = await startNamed('far');
      await using lab = startLab({ transport });
      const [cluster, external] = [loopbackAddress(), loopbackAddress()];
      await lab.apply(
        servicePort({
          clusterIP: cluster,
          externalIPs: [external],
          internalPolicy: 'Local',
          clusterEndpoints: [far.endpoint],
          localEndpoints: [near.endpoint],
        }),
      );
      equal(await converse(lab.listener(cluster)), 'near');
      equal(await converse(lab.listener(external)), 'far');
    });

    test('over a limit of sessions, new ones are reset and old ones go on', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport, limits: { tcpSessionsPerPort: 1 } });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const held = await dialClient(lab.listener());
      await until(() => lab.plane.activity()[0]?.active === 1);
      equal(await converse(lab.listener(), 'x'), 'ECONNRESET');
      held.end();
      equal(await endOf(held), 'closed');
      await until(() => lab.plane.activity()[0]?.active === 0);
      equal(await converse(lab.listener(), 'x'), 'x');
    });

    test('least-conn: the idle endpoint is chosen', async () => {
      await using a = await startEcho();
      await using b = await startEcho();
      await using lab = startLab({ transport });
      const fields = { algorithm: 'least-conn' as const };
      const clusterEndpoints = [a.endpoint, b.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints, ...fields }));
      const clients = [];
      for (let i = 0; i < 6; i += 1) clients.push(await dialClient(lab.listener()));
      await until(() => a.accepted.length + b.accepted.length === 6);
      equal(a.accepted.length, 3);
      for (const client of clients) client.destroy();
    });

    test('idle sessions are cut after the timeout, busy ones are not', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport, timeouts: { tcpIdleMs: 10_000 } });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const idle = await dialClient(lab.listener());
      const busy = await dialClient(lab.listener());
      await until(() => backend.accepted.length === 2);
      const idleEnd = endOf(idle);
      for (let i = 0; i < 3; i += 1) {
        busy.write('x');
        await new Promise((resolve) => busy.once('data', resolve));
        lab.clock.advance(5000);
      }
      equal(await idleEnd, 'ECONNRESET');
      equal(lab.plane.activity()[0]?.active, 1);
      busy.destroy();
    });

    test('sessions on a removed endpoint are cut after removedEndpointMs', async () => {
      await using old = await startEcho();
      await using fresh = await startNamed('fresh');
      await using lab = startLab({ transport, timeouts: { removedEndpointMs: 1000 } });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [old.endpoint] }));
      const client = await dialClient(lab.listener());
      client.write('x');
      await new Promise((resolve) => client.once('data', resolve));
      const end = endOf(client);
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [fresh.endpoint] }));
      lab.clock.advance(999);
      equal(client.destroyed, false);
      lab.clock.advance(1);
      equal(await end, 'ECONNRESET');
    });

    test('drain: waits for sessions, cuts them at the deadline', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const at = lab.listener();
      const [first, second] = [await dialClient(at), await dialClient(at)];
      await until(() => backend.accepted.length === 2);
      const secondEnd = endOf(second);
      let over = false;
      const drained = lab.plane.drain(30_000).then(() => {
        over = true;
      });
      await until(() => lab.plane.addresses().length === 0);
      equal(await converse(at), 'ECONNREFUSED');
      first.end();
      equal(await endOf(first), 'closed');
      equal(over, false);
      lab.clock.advance(30_000);
      await drained;
      equal(await secondEnd, 'ECONNRESET');
    });
  });
}
