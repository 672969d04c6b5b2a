import type { Measurement } from '../bench.ts';
import { single } from '../single.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Bed, type Engine } from './bed.ts';
import { type ClusterSize, livePod, livePort, liveServiceIP, servicePort } from './cluster.ts';
import type { JsonChild } from './json-child.ts';

/** Through the plane beside directly, between the same two namespaces, in turns. */
export interface TrafficFigures extends ClusterSize {
  readonly engine: Engine;
  /** From `connect` to the first byte, medians. */
  readonly directMs: number;
  readonly planeMs: number;
  /** Bytes a second of one connection, medians. */
  readonly directBytes: number;
  readonly planeBytes: number;
}

interface Rounds {
  readonly rounds: number;
  readonly connections: number;
  readonly bulkSeconds: number;
}

export async function measureTraffic(
  engine: Engine,
  size: ClusterSize,
  quick: boolean,
): Promise<TrafficFigures> {
  await using bed = new Bed();
  await bed.start(engine, { ...size, version: 0 });
  const client = await bed.startTraffic();
  const rounds = quick
    ? { rounds: 3, connections: 200, bulkSeconds: 0.5 }
    : { rounds: 7, connections: 500, bulkSeconds: 1 };
  return { engine, ...size, ...(await compare(client, rounds)) };
}

/** Throughput through the plane beside directly, for the report page. */
export function trafficMeasurements(rows: readonly TrafficFigures[]): readonly Measurement[] {
  return rows.map(({ engine, services, directBytes, planeBytes }) => ({
    title: `${engine}: one connection with ${services} Services`,
    unit: 'bytes/s',
    better: 'more',
    baseline: 'direct',
    bar: 0.95,
    contenders: [single('direct', directBytes), single('through the plane', planeBytes)],
  }));
}

async function compare(
  client: JsonChild,
  { rounds, connections, bulkSeconds }: Rounds,
): Promise<Omit<TrafficFigures, 'engine' | keyof ClusterSize>> {
  const direct = { host: livePod, port: livePort };
  const plane = { host: liveServiceIP, port: servicePort };
  const times = { direct: [] as number[], plane: [] as number[] };
  const bytes = { direct: [] as number[], plane: [] as number[] };
  const connect = async (target: typeof direct): Promise<number> => {
    const order = { kind: 'connect', ...target, count: connections };
    return percentile(await client.ask<readonly number[]>(order), 0.5);
  };
  const bulk = (target: typeof direct): Promise<number> =>
    client.ask<number>({ kind: 'bulk', ...target, seconds: bulkSeconds });
  // The first round warms both ways up.
  for (let round = 0; round <= rounds; round += 1) {
    const figures = {
      direct: await connect(direct),
      plane: await connect(plane),
      directBytes: await bulk({ ...direct, port: livePort + 1 }),
      planeBytes: await bulk({ ...plane, port: servicePort + 1 }),
    };
    if (round === 0) continue;
    times.direct.push(figures.direct);
    times.plane.push(figures.plane);
    bytes.direct.push(figures.directBytes);
    bytes.plane.push(figures.planeBytes);
  }
  return {
    directMs: percentile(times.direct, 0.5),
    planeMs: percentile(times.plane, 0.5),
    directBytes: percentile(bytes.direct, 0.5),
    planeBytes: percentile(bytes.plane, 0.5),
  };
}

export function trafficTable(rows: readonly TrafficFigures[]): string {
  return textTable(
    [
      'traffic',
      'Services',
      'first byte us',
      'direct us',
      'ratio',
      'MiB/s',
      'direct MiB/s',
      'ratio',
    ],
    rows.map((row) => [
      row.engine,
      row.services,
      round(row.planeMs * 1000, 0),
      round(row.directMs * 1000, 0),
      round(row.directMs / row.planeMs, 2),
      round(row.planeBytes / 2 ** 20, 0),
      round(row.directBytes / 2 ** 20, 0),
      round(row.planeBytes / row.directBytes, 2),
    ]),
  );
}

/** Of direct speed, for both figures. */
const bar = 0.95;

export function missedTraffic(rows: readonly TrafficFigures[]): readonly string[] {
  return rows
    .filter(({ engine }) => engine === 'nftables')
    .flatMap((row) => {
      const what = `${row.engine}, ${row.services} Services`;
      const first = row.directMs / row.planeMs;
      const bulk = row.planeBytes / row.directBytes;
      return [
        ...(first < bar ? [`${what}: first byte at ${round(first, 2)} x direct`] : []),
        ...(bulk < bar ? [`${what}: throughput at ${round(bulk, 2)} x direct`] : []),
      ];
    });
}
