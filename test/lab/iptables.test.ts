import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createIptablesPlane } from '../../proxy/planes/iptables/index.ts';
import { FakeClock } from '../fakes/clock.ts';
import { endpoint, servicePort, tableOf } from '../proxy/planes/kernel/fixtures.ts';
import { labMissing, wrongOutcomes } from './ask.ts';
import { addresses, Lab } from './lab.ts';
import { masqueradings } from './masquerading.ts';
import { packetSummary } from './packet-summary.ts';
import { combinations, packetCases, packetServices } from './packet-table.ts';
import { planeOptions } from './plane-options.ts';

for (const variant of ['nft', 'legacy'] as const) {
  const missing = labMissing(`iptables-${variant}`, 'conntrack');
  suite(`iptables-${variant} in a lab`, { skip: missing ?? false }, () => {
    let lab: Lab;
    before(async () => {
      lab = await Lab.build();
      await using plane = createIptablesPlane(planeOptions(lab), variant);
      const { problems } = await plane.apply(packetServices(), undefined);
      deepEqual(problems, []);
    });
    after(async () => {
      await lab?.[Symbol.asyncDispose]();
    });

    test('every packet of the table gets where it should', async (context) => {
      const cases = packetCases();
      equal(cases.length, combinations());
      deepEqual(await wrongOutcomes(lab, cases), []);
      for (const line of packetSummary(cases)) context.diagnostic(line);
    });

    // Both variants get the same rules: what they mean is tried on one.
    for (const [name, model, options] of variant === 'nft' ? masqueradings : []) {
      test(`${name}: every TCP packet that may get somewhere does`, async () => {
        await using other = createIptablesPlane(planeOptions(lab, options), variant);
        await other.apply(packetServices(), undefined);
        const cases = packetCases(model, ['TCP']).filter(({ state }) => state !== 'none');
        equal(cases.length, (combinations(['TCP']) * 3) / 4);
        deepEqual(await wrongOutcomes(lab, cases), []);
      });
    }

    test('and back to what the other tests expect', async () => {
      await using back = createIptablesPlane(planeOptions(lab), variant);
      await back.apply(packetServices(), undefined);
      const [first] = packetCases();
      deepEqual(first && (await wrongOutcomes(lab, [first])), []);
    });

    test('a second start writes nothing', async () => {
      await using again = createIptablesPlane(planeOptions(lab), variant);
      await again.apply(packetServices(), undefined);
      equal(again.writes, 0);
    });

    test('flushed tables are repaired by the canary', async () => {
      const clock = new FakeClock();
      await using watched = createIptablesPlane(planeOptions(lab, { clock }), variant);
      await watched.apply(packetServices(), undefined);
      await lab.hosts.node.run(`iptables-${variant}`, ['-t', 'nat', '-F']);
      clock.advance(5_000);
      await watched.drain();
      const [first] = packetCases();
      deepEqual(first && (await wrongOutcomes(lab, [first])), []);
    });

    test('a change, a removal and a refused Service', async () => {
      const options = planeOptions(lab, { ownName: 'second', families: ['IPv4'] });
      await using own = createIptablesPlane(options, variant);
      const { podA, podB } = addresses.IPv4;
      const good = servicePort({ clusterIP: '10.97.0.1', clusterEndpoints: [endpoint(podA)] });
      const bad = servicePort({
        name: 'bad',
        clusterIP: '10.97.0.2',
        clusterEndpoints: [endpoint(podA, { port: 70_000 })],
      });
      const report = await own.apply(tableOf(1, [good, bad]), undefined);
      deepEqual(
        report.problems.map(({ object }) => object?.name),
        ['bad'],
      );
      equal(await ask(lab, '10.97.0.1'), 'podA');
      await own.apply(tableOf(2, [{ ...good, clusterEndpoints: [endpoint(podB)] }]), undefined);
      equal(await ask(lab, '10.97.0.1'), 'podB');
      await own.cleanup();
      const { stdout } = await lab.hosts.node.run(`iptables-${variant}-save`, []);
      ok(!stdout.includes('SECOND-') && stdout.includes('PORTOLAN-'), 'ours alone are gone');
    });
  });
}

async function ask(lab: Lab, host: string): Promise<string> {
  const request = { kind: 'ask', protocol: 'TCP', host, port: 80, timeoutMs: 2_000 } as const;
  return (await lab.hosts.client.tell(request)).split(' ')[0] ?? '';
}
