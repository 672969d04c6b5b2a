/**
 * `npm run bench -- NAME`: runs `bench/NAME/index.ts`; `all` runs each. Exit status 0: it ran,
 * whatever the speed; 1: something did not work; 2: wrong arguments.
 */
import { globSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchArguments, readArguments, usage } from './arguments.ts';
import type { Bench } from './bench.ts';
import { compareRevisions } from './compare/revisions.ts';
import { removeLeftovers } from './leftovers.ts';
import { describeMachine } from './machine.ts';
import { findPrograms } from './programs.ts';
import { reportPage } from './report/page.ts';
import { type BenchRun, type ResultFile, writeResults } from './result-file.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

async function loadBenches(): Promise<readonly Bench[]> {
  const names = globSync('*/index.ts', { cwd: here }).map((path) => dirname(path));
  return await Promise.all(
    names.toSorted().map(async (name) => {
      const module = (await import(`./${name}/index.ts`)) as { readonly bench: Bench };
      return module.bench;
    }),
  );
}

function listBenches(benches: readonly Bench[]): string {
  return benches
    .map(({ name, summary, cases = [] }) => {
      const own = cases.length > 0 ? `\n${' '.repeat(13)}cases: ${cases.join(', ')}` : '';
      return `  ${name.padEnd(10)} ${summary}${own}`;
    })
    .join('\n');
}

async function main(): Promise<number> {
  const benches = await loadBenches();
  let asked: BenchArguments;
  try {
    const known = new Map(benches.map(({ name, cases = [] }) => [name, cases]));
    asked = readArguments(process.argv.slice(2), known);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    console.error(`${usage}\n\n${listBenches(benches)}`);
    return 2;
  }
  const isOne = asked.names.length === 1;
  const chosen = benches.filter(
    ({ name, partOf }) => asked.names.includes(name) && (isOne || partOf === undefined),
  );
  if (asked.against !== undefined) return await compareRevisions(asked, asked.against);
  const results = await runAll(chosen, asked);
  if (asked.json !== undefined) writeResults(asked.json, results);
  if (asked.report !== undefined) {
    writeFileSync(asked.report, reportPage(results));
    console.log(`report page: ${asked.report}`);
  }
  return results.runs.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

async function runAll(benches: readonly Bench[], asked: BenchArguments): Promise<ResultFile> {
  const startedAt = new Date().toISOString();
  const versions: Record<string, string> = {};
  const runs: BenchRun[] = [];
  for (const [index, bench] of benches.entries()) {
    if (benches.length > 1) {
      console.log(`\n== ${bench.name} (${index + 1} of ${benches.length}): ${bench.summary}\n`);
    }
    const { quick, only } = asked;
    runs.push(await runOne(bench, { quick, only }, versions));
  }
  return { startedAt, quick: asked.quick, machine: describeMachine(), versions, runs };
}

async function runOne(
  bench: Bench,
  asked: Pick<BenchArguments, 'quick' | 'only'>,
  versions: Record<string, string>,
): Promise<BenchRun> {
  const started = performance.now();
  const print = (text: string): void => console.log(text);
  const { requires = [], peers = [] } = bench;
  const found = findPrograms([...requires, ...peers], print);
  const present = new Set<string>();
  const absent: string[] = [];
  for (const one of found) {
    if (one.kind === 'absent') {
      absent.push(`${one.name} is left out: ${one.why}`);
      continue;
    }
    present.add(one.name);
    versions[one.name] = one.version;
  }
  const lacking = requires.filter((name) => !present.has(name));
  const report =
    lacking.length > 0
      ? { figures: {}, failures: [`it needs ${lacking.join(' and ')}`], missed: [] }
      : await attempt(bench, { ...asked, peers: present, print });
  const leftOut = [...absent, ...(report.leftOut ?? [])];
  for (const text of leftOut) print(`left out: ${text}`);
  for (const text of report.missed) print(`missed: ${text}`);
  for (const text of report.failures) print(`FAILED: ${text}`);
  const tookSeconds = Math.round((performance.now() - started) / 1000);
  return { bench: bench.name, summary: bench.summary, tookSeconds, ...report, leftOut };
}

/** A benchmark that breaks is a failure of its own: the others go on. */
async function attempt(
  bench: Bench,
  context: Parameters<Bench['run']>[0],
): Promise<Awaited<ReturnType<Bench['run']>>> {
  try {
    return await bench.run(context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { figures: {}, failures: [message], missed: [] };
  }
}

process.on('exit', removeLeftovers);
// 128 + SIGINT, as shells have it. The `exit` event then ends what was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exit(await main());
