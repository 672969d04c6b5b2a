import { doesNotMatch, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { reportPage } from '../../../bench/report/page.ts';
import type { BenchRun, ResultFile } from '../../../bench/result-file.ts';

const run: BenchRun = {
  bench: 'l7',
  summary: 'engines <beside> nginx',
  tookSeconds: 12,
  figures: {},
  failures: ['2 requests failed'],
  missed: ['TLS: 0.3 of nginx'],
  leftOut: ['caddy is left out: not installed'],
  measurements: [
    measurement('good', 100, 150),
    measurement('bad', 100, 30),
    { ...measurement('slow', 10, 40), better: 'less' },
  ],
  curves: [
    {
      title: 'cost',
      xLabel: 'Services',
      yLabel: 'ms',
      lines: [
        {
          name: 'portolan',
          points: [
            [10, 1],
            [10_000, 2],
          ],
        },
      ],
    },
  ],
};

function measurement(title: string, nginx: number, wire: number) {
  const value = (name: string, median: number) => ({
    name,
    median,
    least: median * 0.9,
    greatest: median * 1.1,
  });
  const contenders = [value('nginx', nginx), value('wire', wire)];
  return { title, unit: 'x', better: 'more', baseline: 'nginx', bar: 0.5, contenders } as const;
}

const results: ResultFile = {
  startedAt: '2030-01-01T00:00:00.000Z',
  quick: true,
  machine: { cpu: 'C', cores: 2, memoryGiB: 4, kernel: '6', node: 'v24' },
  versions: { nginx: '1.22.1' },
  runs: [run],
};
const page = reportPage(results);

test('the page says what it was measured on, and that a quick run is not to quote', () => {
  match(page, /2 cores of C, 4 GiB, Linux 6, Node\.js v24\. Beside: nginx 1\.22\.1/);
  match(page, /not to quote/);
  doesNotMatch(reportPage({ ...results, quick: false }), /not to quote/);
});

test('the worst comes first, whichever way the unit counts', () => {
  const order = ['slow', 'bad', 'good'].map((title) => page.indexOf(`<td>${title}</td>`));
  ok(order.every((at, index) => at > (order[index - 1] ?? 0)));
});

test('bars, ratios and lines are drawn', () => {
  match(page, /<rect class="measured"[^>]*>/);
  match(page, /30 \(0\.30 ×\)/);
  match(page, /<path class="line line0"/);
});

test('failures, missed bars and what was left out are said', () => {
  for (const text of ['2 requests failed', 'TLS: 0.3 of nginx', 'caddy is left out']) {
    ok(page.includes(text));
  }
});

test('text is escaped, and nothing is fetched from elsewhere', () => {
  ok(page.includes('engines &lt;beside&gt; nginx'));
  doesNotMatch(page, /<script|src=|href="http|@import|url\(/);
});
