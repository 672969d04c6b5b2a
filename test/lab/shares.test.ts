import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { ServicePort } from '../../proxy/compile/table.ts';
import { createIptablesPlane } from '../../proxy/planes/iptables/index.ts';
import type { KernelPlane, KernelPlaneOptions } from '../../proxy/planes/kernel/index.ts';
import { createNftablesPlane } from '../../proxy/planes/nftables/index.ts';
import { endpoint, servicePort, tableOf } from '../proxy/planes/kernel/fixtures.ts';
import { labMissing } from './ask.ts';
import { addresses, Lab } from './lab.ts';
import { planeOptions } from './plane-options.ts';

/* Who gets real connections, on both kernel planes. The figures come as diagnostics. */

const engines: readonly (readonly [
  name: string,
  program: string,
  create: (options: KernelPlaneOptions) => KernelPlane,
])[] = [
  ['nftables', 'nft', (options) => createNftablesPlane(options, [])],
  ['iptables', 'iptables-nft', (options) => createIptablesPlane(options, 'nft', [])],
];

const { podA, podB, podFar } = addresses.IPv4;
const host = '10.97.0.1';
/** Source addresses of the one client, beside its own. */
const clients = Array.from({ length: 60 }, (_, place) => `10.244.0.${100 + place}`);

for (const [name, program, create] of engines) {
  suite(`shares of ${name}`, { skip: labMissing(program, 'conntrack') ?? false }, () => {
    let lab: Lab;
    let plane: KernelPlane;
    let generation = 0;
    before(async () => {
      lab = await Lab.build();
      await lab.hosts.client.ip(clients.map((address) => `addr add ${address}/24 dev eth0`));
      plane = create(planeOptions(lab, { families: ['IPv4'] }));
    });
    after(async () => {
      await plane?.[Symbol.asyncDispose]();
      await lab?.[Symbol.asyncDispose]();
    });

    const serve = async (fields: Partial<ServicePort>): Promise<void> => {
      generation += 1;
      const { problems } = await plane.apply(
        tableOf(generation, [servicePort({ clusterIP: host, ...fields })]),
        undefined,
      );
      deepEqual(problems, []);
    };
    const ask = async (from?: string): Promise<string> => {
      const request = { kind: 'ask', protocol: 'TCP', host, port: 80, timeoutMs: 5_000 } as const;
      const text = await lab.hosts.client.tell(from === undefined ? request : { ...request, from });
      return text.split(' ')[0] ?? '';
    };
    const count = async (connections: number): Promise<Readonly<Record<string, number>>> => {
      const counts: Record<string, number> = {};
      for (let done = 0; done < connections; done += 1) {
        const who = await ask();
        counts[who] = (counts[who] ?? 0) + 1;
      }
      return counts;
    };

    test('weighted 3:1', async (context) => {
      await serve({
        algorithm: 'weighted',
        clusterEndpoints: [endpoint(podA, { weight: 3 }), endpoint(podB)],
      });
      const counts = await count(400);
      context.diagnostic(`${name} weighted 3:1: ${JSON.stringify(counts)}`);
      // Four standard deviations of 400 draws.
      ok(Math.abs((counts['podA'] ?? 0) - 300) <= 35, JSON.stringify(counts));
      equal((counts['podA'] ?? 0) + (counts['podB'] ?? 0), 400);
    });

    test('round-robin', async (context) => {
      const three = [endpoint(podA), endpoint(podB), endpoint(podFar)];
      await serve({ algorithm: 'round-robin', clusterEndpoints: three });
      const counts = await count(150);
      context.diagnostic(`${name} round-robin: ${JSON.stringify(counts)}`);
      deepEqual(counts, { podA: 50, podB: 50, podFar: 50 });
    });

    test('ip_hash: every client keeps its endpoint, also when another one goes', async (context) => {
      const three = [endpoint(podA), endpoint(podB), endpoint(podFar)];
      await serve({ algorithm: 'ip_hash', clusterEndpoints: three });
      const all = async (): Promise<readonly string[]> => await Promise.all(clients.map(ask));
      const first = await all();
      deepEqual(await all(), first);
      const counts = Object.fromEntries(
        Object.entries(Object.groupBy(first, (who) => who)).map(([who, some = []]) => [
          who,
          some.length,
        ]),
      );
      context.diagnostic(`${name} ip_hash, ${clients.length} clients: ${JSON.stringify(counts)}`);
      // Slots are shared out within a quarter of even, and so few clients scatter: 20 ± 15.
      for (const who of ['podA', 'podB', 'podFar']) {
        ok(Math.abs((counts[who] ?? 0) - 20) <= 15, JSON.stringify(counts));
      }
      await serve({ algorithm: 'ip_hash', clusterEndpoints: three.slice(0, 2) });
      const later = await all();
      const moved = first.filter((who, place) => who !== 'podFar' && who !== later[place]);
      deepEqual(moved, [], 'only clients of what went');
      ok(!later.includes('podFar'));
    });
  });
}
