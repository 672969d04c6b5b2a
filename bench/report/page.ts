import type { Measurement } from '../bench.ts';
import type { BenchRun, ResultFile } from '../result-file.ts';
import { barChart } from './bar-chart.ts';
import { escapeMarkup } from './escape.ts';
import { lineChart } from './line-chart.ts';
import { stylesheet } from './stylesheet.ts';

/** The results as one HTML document that needs nothing else: no script, no font, no network. */
export function reportPage(results: ResultFile): string {
  const { runs } = results;
  const links = runs.map(({ bench }) => `<a href="#${bench}">${escapeMarkup(bench)}</a>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Portolan benchmarks</title>
<style>${stylesheet}</style>
<header><h1>Portolan benchmarks</h1>${machineText(results)}<nav>${links.join(' ')}</nav></header>
<main>
${worstText(runs)}
${runs.map(runSection).join('\n')}
</main>
</html>
`;
}

function machineText({ startedAt, quick, machine, versions }: ResultFile): string {
  const { cpu, cores, memoryGiB, kernel, node } = machine;
  const quickly = quick
    ? '<p class="warning">A quick run: it shows that everything works, its figures are not to quote.</p>'
    : '';
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const what = `${cores} cores of ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node.js ${node}`;
  const beside = peers.length > 0 ? `Beside: ${peers.join(', ')}.` : '';
  return `<p>${escapeMarkup(`${startedAt}. ${what}. ${beside}`)}</p>${quickly}`;
}

/** Where Portolan stands worst against its peers: what a reader would otherwise have to look for. */
function worstText(runs: readonly BenchRun[]): string {
  const compared = runs
    .flatMap(({ measurements = [] }) => measurements)
    .flatMap((one) => {
      const ratio = ratioToBaseline(one);
      return ratio === undefined ? [] : [{ one, ratio }];
    })
    .toSorted((a, b) => advantage(a) - advantage(b))
    .slice(0, 8);
  if (compared.length === 0) return '';
  const rows = compared.map(({ one, ratio }) => {
    const cells = [one.title, `${ratio.toFixed(2)} × ${one.baseline}`, barText(one, ratio)];
    return `<tr>${cells.map((cell) => `<td>${escapeMarkup(cell)}</td>`).join('')}</tr>`;
  });
  return `<section><h2>Worst first</h2><table><thead><tr><th>measured</th><th>Portolan</th><th>bar</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

/** Portolan's figure over the baseline's: its own contender is the last one. */
function ratioToBaseline({ baseline, contenders }: Measurement): number | undefined {
  const base = contenders.find(({ name }) => name === baseline);
  const own = contenders.findLast(({ name }) => name !== baseline);
  return base && own && base.median > 0 ? own.median / base.median : undefined;
}

/** The greater the better for Portolan, whichever way the unit counts. */
function advantage({ one, ratio }: { readonly one: Measurement; readonly ratio: number }): number {
  return one.better === 'more' ? ratio : 1 / ratio;
}

function barText({ bar, better }: Measurement, ratio: number): string {
  if (bar === undefined) return '';
  const reached = better === 'more' ? ratio >= bar : ratio <= bar;
  return `${better === 'more' ? '≥' : '≤'} ${bar} ${reached ? 'reached' : 'missed'}`;
}

function runSection(run: BenchRun): string {
  const { bench, summary, tookSeconds, measurements = [], curves = [] } = run;
  const charts = measurements.map((one) => {
    const more = one.better === 'more' ? 'more is better' : 'less is better';
    return `<figure><figcaption>${escapeMarkup(one.title)} <small>${escapeMarkup(one.unit)}, ${more}</small></figcaption>${barChart(one)}</figure>`;
  });
  const lines = curves.map(
    (one) =>
      `<figure><figcaption>${escapeMarkup(one.title)}</figcaption>${lineChart(one)}</figure>`,
  );
  const notes = [
    ...listed('failed', run.failures),
    ...listed('missed', run.missed),
    ...listed('left out', run.leftOut ?? []),
  ];
  return `<section id="${bench}"><h2>${escapeMarkup(bench)}</h2><p>${escapeMarkup(summary)} <small>took ${tookSeconds} s</small></p>
${[...charts, ...lines].join('\n')}
${notes.length > 0 ? `<ul>${notes.join('')}</ul>` : ''}</section>`;
}

function listed(kind: string, texts: readonly string[]): readonly string[] {
  return texts.map(
    (text) => `<li><b class="${kind.replace(' ', '-')}">${kind}</b> ${escapeMarkup(text)}</li>`,
  );
}
