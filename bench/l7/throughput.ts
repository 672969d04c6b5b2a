import type { Case } from './cases.ts';
import type { Contender } from './contenders.ts';
import { load } from './load.ts';
import { ratioOf, type Result, resultTable, runRounds } from './rounds.ts';
import type { Row, RowContext, RowReport } from './row.ts';

/** The row of a case: how much of it is done per second of CPU. */
export function throughput(one: Case): Row {
  return {
    id: one.id,
    async measure(context) {
      const contenders = await context.contenders.all(one.contenders);
      const results = await runRounds(
        contenders,
        context.rounds,
        async (contender: Contender, seconds) =>
          (await load(one, contender, seconds, context.scene.folder)) * seconds,
      );
      return reportRates(context, one, results);
    },
  };
}

/** Prints the rates of a row, and holds them against its bar. */
export function reportRates(
  { bench }: RowContext,
  row: Pick<Case, 'name' | 'subject' | 'baseline' | 'bar'> & { readonly unit: string },
  results: readonly Result[],
): RowReport {
  const { name, unit, subject, baseline, bar } = row;
  const ratio = ratioOf(results, subject, baseline);
  bench.print(`${name}, ${unit} (bar for ${subject} ${bar} of ${baseline}, per CPU)`);
  bench.print(`${resultTable(results, baseline)}\n`);
  return {
    figures: { case: name, unit, bar, ratio, results },
    measurements: [
      {
        title: `L7: ${name}`,
        unit: `${unit} per CPU`,
        better: 'more',
        baseline,
        bar,
        contenders: results.map(({ name: who, perCpuSecond, least, greatest }) => ({
          name: who,
          median: perCpuSecond,
          least,
          greatest,
        })),
      },
    ],
    missed: ratio < bar ? [`${name}: ${ratio} of ${baseline}, the bar is ${bar}`] : [],
  };
}
