/**
 * `npm run bench -- NAME [--quick] [--json FILE]`: runs `bench/NAME/index.ts`. Exit status 0: it
 * ran, whatever the speed; 1: something did not work; 2: wrong arguments.
 */
import { globSync, writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, BenchReport } from './bench.ts';
import { removeLeftovers } from './leftovers.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const usage = 'usage: npm run bench -- NAME [--quick] [--json FILE]';

function benchNames(): readonly string[] {
  return globSync('*/index.ts', { cwd: here })
    .map((path) => dirname(path))
    .toSorted();
}

async function load(name: string): Promise<Bench> {
  const module = (await import(`./${name}/index.ts`)) as { readonly bench: Bench };
  return module.bench;
}

async function listBenches(): Promise<string> {
  const benches = await Promise.all(benchNames().map(load));
  return benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n');
}

function readArguments(): { name: string; quick: boolean; json: string | undefined } | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0 || !benchNames().includes(name)) return undefined;
    return { name, quick: values.quick, json: values.json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

function writeJson(file: string, name: string, quick: boolean, report: BenchReport): void {
  const machine = { cpus: availableParallelism(), kernel: release(), node: process.version };
  writeFileSync(file, `${JSON.stringify({ bench: name, quick, machine, ...report }, null, 2)}\n`);
}

async function main(): Promise<number> {
  const asked = readArguments();
  if (!asked) {
    console.error(`${usage}\n\n${await listBenches()}`);
    return 2;
  }
  const { name, quick, json } = asked;
  const bench = await load(name);
  const report = await bench.run({ quick, print: (text) => console.log(text) });
  for (const bar of report.missed) console.log(`missed: ${bar}`);
  for (const failure of report.failures) console.log(`FAILED: ${failure}`);
  if (json !== undefined) writeJson(json, name, quick, report);
  return report.failures.length > 0 ? 1 : 0;
}

process.on('exit', removeLeftovers);
// 128 + SIGINT, as shells have it. The `exit` event then ends what was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exit(await main());
