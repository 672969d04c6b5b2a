import type { Address } from '../l4/peer.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import type { Case, CaseReport } from './case.ts';
import { dnsperf, type Load, type Mode } from './dnsperf.ts';
import type { Contender, Scene } from './scene.ts';

/** Rates of contenders by turns, each compared with the first; `bar` is for Portolan, the last. */
export async function compareRates(
  scene: Scene,
  title: string,
  contenders: readonly { readonly name: string; readonly at: Address }[],
  options: { readonly mode: Mode; readonly bar: number; readonly list?: string },
): Promise<CaseReport> {
  const { context, seconds, turns } = scene;
  const { mode, bar, list = scene.list } = options;
  const failures: string[] = [];
  const runs = new Map<string, Load[]>(contenders.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { name, at } of contenders) {
      const load = await dnsperf(at, { mode, list, seconds });
      if (!(load.lost <= load.sent / 100)) failures.push(`${title}: ${name} lost ${load.lost}`);
      runs.get(name)?.push(load);
    }
  }
  const measured = [...runs].map(([name, loads]) => {
    const rates = loads.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b);
    const [least = 0, greatest = 0] = [rates[0], rates.at(-1)];
    const median = rates[rates.length >> 1] ?? 0;
    return { name, median, least, greatest, rcodes: loads[0]?.rcodes ?? {} };
  });
  const [first] = measured;
  const ratioOf = (median: number): number => round(median / (first?.median ?? Number.NaN), 2);
  context.print(
    textTable(
      [title, 'queries/s', `of ${first?.name}`, 'rcodes'],
      measured.map(({ name, median, rcodes }) => [
        name,
        Math.round(median),
        ratioOf(median),
        Object.keys(rcodes).join(' '),
      ]),
    ),
  );
  const ratio = ratioOf(measured.at(-1)?.median ?? 0);
  const missed = ratio < bar ? [`${title}: ${ratio} of ${first?.name}, the bar is ${bar}`] : [];
  const baseline = first && measured.length > 1 ? { baseline: first.name, bar } : {};
  const contendersMeasured = measured.map(({ name, median, least, greatest }) => ({
    name,
    median,
    least,
    greatest,
  }));
  const unit = 'queries/s';
  return {
    figures: { mode, measured },
    measurements: [{ title, unit, better: 'more', ...baseline, contenders: contendersMeasured }],
    failures,
    missed,
  };
}

/** Cluster names over one transport. */
export function clusterNames(
  mode: Mode,
  bar: number,
  contenders: (scene: Scene) => Promise<readonly Contender[]>,
): Case {
  return async (scene) => {
    const all = await contenders(scene);
    const taking = all.flatMap(({ name, at, tlsAt }) => {
      const place = mode === 'dot' ? tlsAt : at;
      return place ? [{ name, at: place }] : [];
    });
    return await compareRates(scene, `cluster names over ${mode}`, taking, { mode, bar });
  };
}

/** Latency while half of what Portolan could answer is asked of each. */
export function halfLoad(contenders: (scene: Scene) => Promise<readonly Contender[]>): Case {
  return async (scene) => {
    const { context, list, seconds } = scene;
    const all = await contenders(scene);
    const own = all.find(({ name }) => name === 'portolan');
    if (!own) return { figures: {}, leftOut: ['half-load: nobody to measure'] };
    const { perSecond } = await dnsperf(own.at, { mode: 'udp', list, seconds });
    const rate = perSecond / 2;
    const rows: { name: string; p99Ms: number; meanMs: number }[] = [];
    for (const { name, at } of all) {
      const load = await dnsperf(at, { mode: 'udp', list, seconds, rate });
      rows.push({ name, p99Ms: load.p99LatencyMs ?? Number.NaN, meanMs: load.meanLatencyMs });
    }
    context.print(
      textTable(
        [`${Math.round(rate)} queries/s over udp`, 'p99 ms', 'mean ms'],
        rows.map(({ name, p99Ms, meanMs }) => [name, round(p99Ms, 3), meanMs]),
      ),
    );
    const [unbound] = rows;
    const ratio = round((rows.at(-1)?.p99Ms ?? 0) / (unbound?.p99Ms ?? Number.NaN), 2);
    const missed = ratio > 2 ? [`half load: p99 ${ratio} × ${unbound?.name}, the bar is 2`] : [];
    return { figures: { rate, rows }, missed };
  };
}
