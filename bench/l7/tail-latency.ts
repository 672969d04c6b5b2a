import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import type { Contender } from './contenders.ts';
import { readH2load } from './h2load.ts';
import { runLoad } from './load.ts';
import type { Row } from './row.ts';

const connections = 64;
/** Of what the wire engine can do. */
const share = 0.7;
const bar = 2;
const names = ['nginx', 'haproxy', 'caddy', 'wire'] as const;

/** p99 at 70 % of the engine's own saturation, for all at the same rate. */
export const tailLatency: Row = {
  id: 'p99',
  async measure({ bench, scene, contenders, rounds }) {
    const logFile = join(scene.folder, 'h2load.log');
    const wire = await contenders.of('wire');
    await h2load(wire, 1, []);
    const saturation = readH2load(await h2load(wire, rounds.seconds, []), 'requests/s');
    const rate = Math.floor((saturation * share) / connections) * connections;
    const taking = await contenders.all(names);
    const runs = taking.map(() => ({ p50: [] as number[], p99: [] as number[] }));
    for (let turn = 0; turn < rounds.count; turn += 1) {
      for (const [index, contender] of taking.entries()) {
        // It appends.
        rmSync(logFile, { force: true });
        const paced = [`--rps=${rate / connections}`, `--log-file=${logFile}`];
        readH2load(await h2load(contender, rounds.seconds, paced), 'requests/s');
        const micros = readLatencies(readFileSync(logFile, 'utf8'));
        runs[index]?.p50.push(percentile(micros, 0.5));
        runs[index]?.p99.push(percentile(micros, 0.99));
      }
    }
    const results = runs.map(({ p50, p99 }, index) => ({
      name: taking[index]?.name ?? '',
      p50Micros: percentile(p50, 0.5),
      median: percentile(p99, 0.5),
      least: Math.min(...p99),
      greatest: Math.max(...p99),
    }));
    const of = (name: string): number =>
      results.find((one) => one.name === name)?.median ?? Number.NaN;
    const ratio = round(of('wire') / of('nginx'), 2);
    bench.print(`latency at ${rate} requests/s, 70 % of what wire can do (bar ${bar} of nginx)`);
    const rows = results.map((one) => [one.name, one.p50Micros, one.median, one.greatest]);
    bench.print(`${textTable(['', 'p50 µs', 'p99 µs', 'worst p99'], rows)}\n`);
    return {
      figures: { rate, ratio, results },
      measurements: [
        {
          title: `L7: p99 at ${rate} requests/s`,
          unit: 'µs',
          better: 'less',
          baseline: 'nginx',
          bar,
          contenders: results,
        },
      ],
      missed: ratio > bar ? [`p99 is ${ratio} of nginx's, the bar is ${bar}`] : [],
    };
  },
};

async function h2load(
  { at }: Contender,
  seconds: number,
  more: readonly string[],
): Promise<string> {
  const { host, port } = at.http;
  const shape = ['--h1', '-t1', `-c${connections}`, '-m1', `-D${seconds}`];
  return await runLoad(['h2load', ...shape, ...more, `http://${host}:${port}/short`]);
}

/** Microseconds of each request, from h2load's log: start, status, duration. */
function readLatencies(log: string): readonly number[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split('\t')[2]));
}
