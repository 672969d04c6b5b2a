import { equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createIptablesPlane } from '../../proxy/planes/iptables/index.ts';
import type { KernelPlane, KernelPlaneOptions } from '../../proxy/planes/kernel/index.ts';
import { createNftablesPlane } from '../../proxy/planes/nftables/index.ts';
import type { ServicePort } from '../../proxy/compile/table.ts';
import { planeFixture, endpoint, servicePort, tableOf } from '../proxy/planes/kernel/fixtures.ts';
import { labMissing } from './ask.ts';
import { Namespace } from './namespace.ts';
import { upstreamIptables, upstreamNft } from './upstream-shape.ts';

/*
 * How long programming takes, beside upstream's shape for the same Services in the same run.
 * PROGRAM_SERVICES and PROGRAM_ENDPOINTS choose the size; figures come as diagnostics.
 */
const serviceCount = Number(process.env['PROGRAM_SERVICES'] ?? 2_000);
const endpointCount = Number(process.env['PROGRAM_ENDPOINTS'] ?? 4);
const changeCount = Number(process.env['PROGRAM_CHANGES'] ?? 20);

/** The `place`-th address of a /8. */
const address = (net: number, place: number): string =>
  [net, (place >> 16) & 255, (place >> 8) & 255, place & 255].join('.');

const services: readonly ServicePort[] = Array.from({ length: serviceCount }, (_, place) =>
  servicePort({
    name: `service-${place}`,
    clusterIP: address(100, place),
    clusterEndpoints: Array.from({ length: endpointCount }, (_, slot) =>
      endpoint(address(10, place * endpointCount + slot)),
    ),
  }),
);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** Cold start, then single changes of one endpoint; milliseconds. */
async function measure(
  plane: KernelPlane,
): Promise<{ coldMs: number; changesMs: readonly number[] }> {
  const coldMs = await timed(async () => {
    const { problems } = await plane.apply(tableOf(1, services), undefined);
    equal(problems.length, 0);
  });
  const ports = new Map(services.map((port) => [port.key, port]));
  const changesMs: number[] = [];
  for (let change = 0; change < changeCount; change += 1) {
    const old = services[(change * 37) % serviceCount];
    if (!old) break;
    const clusterEndpoints = [...old.clusterEndpoints.slice(1), endpoint(address(11, change))];
    const upserted = [{ ...old, clusterEndpoints }];
    ports.set(old.key, { ...old, clusterEndpoints });
    const table = { generation: change + 2, ports };
    const diff = { fromGeneration: change + 1, upserted, removed: [] };
    changesMs.push(await timed(() => plane.apply(table, diff)));
  }
  return { coldMs, changesMs: changesMs.toSorted((a, b) => a - b) };
}

type Create = (options: KernelPlaneOptions) => KernelPlane;

const rows: readonly {
  readonly plane: string;
  readonly programs: readonly string[];
  readonly create: Create;
  readonly upstream: readonly [program: string, args: readonly string[], text: () => string];
  /** How many times as fast as upstream's shape the cold start must be at the default size. */
  readonly leastRatio: number;
}[] = [
  {
    plane: 'nftables',
    programs: ['nft'],
    create: (options) => createNftablesPlane(options, []),
    upstream: ['nft', ['-f', '-'], () => upstreamNft(services)],
    leastRatio: 1,
  },
  ...(['legacy', 'nft'] as const).map((variant) => ({
    plane: `iptables-${variant}`,
    programs: [`iptables-${variant}`],
    create: (options: KernelPlaneOptions) => createIptablesPlane(options, variant, []),
    upstream: [
      `iptables-${variant}-restore`,
      ['--noflush'],
      () => upstreamIptables(services),
    ] as const,
    leastRatio: 0,
  })),
];

suite(`programming ${serviceCount} Services of ${endpointCount} endpoints`, () => {
  for (const { plane, programs, create, upstream, leastRatio } of rows) {
    test(plane, { skip: labMissing(...programs) ?? false }, async (t) => {
      const names = ['own', 'upstream'].map((one) => `portolan-${process.pid}-${plane}-${one}`);
      await using own = new Namespace(names[0] ?? '');
      await using other = new Namespace(names[1] ?? '');
      const { options, clock } = planeFixture({
        run: own.run,
        networkNamespace: own.path,
        families: ['IPv4'],
      });
      equal(clock.pending, 0);
      await using subject = create(options);
      const { coldMs, changesMs } = await measure(subject);
      const [program, args, text] = upstream;
      const script = text();
      const upstreamMs = await timed(async () => {
        const result = await other.run(program, args, script);
        equal(result.exitCode, 0, result.stderr.slice(0, 500));
      });
      const at = (share: number): string =>
        (
          changesMs[Math.min(changesMs.length - 1, Math.floor(changesMs.length * share))] ?? 0
        ).toFixed(1);
      t.diagnostic(
        `${plane}: cold ${coldMs.toFixed(0)} ms, upstream's shape ${upstreamMs.toFixed(0)} ms (${(upstreamMs / coldMs).toFixed(1)} x); one change p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
      );
      ok(upstreamMs / coldMs >= leastRatio, 'slower than the shape that it replaces');
    });
  }
});
