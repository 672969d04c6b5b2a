/**
 * Fuzzes the parsers of HTTP for longer than a test may take:
 *
 *     npm run fuzz:http -- [SECONDS [SEED]]
 *
 * What it finds goes into the corpus, so that the test finds it too from then on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuzz } from './fuzz.ts';
import { corpusFolder } from './seeds.ts';

const [seconds = '60', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const endMs = performance.now() + 1000 * Number(seconds);
const { iterations, findings } = fuzz(
  Number(seed),
  (done) => done % 100 !== 0 || performance.now() < endMs,
);
process.stdout.write(`seed ${seed}: ${iterations} messages, ${findings.length} findings\n`);
mkdirSync(corpusFolder, { recursive: true });
for (const [index, { kind, why, hex }] of findings.entries()) {
  const file = join(corpusFolder, `${kind}-${seed}-${index}.hex`);
  writeFileSync(file, `${hex}\n`);
  process.stdout.write(`${why}: ${file}\n`);
}
process.exitCode = findings.length > 0 ? 1 : 0;
