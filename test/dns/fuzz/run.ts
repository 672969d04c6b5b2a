/**
 * Fuzzes the DNS server for longer than a test may take:
 *
 *     npm run fuzz:dns -- [SECONDS [SEED]]
 *
 * What it finds goes into the corpus, so that the test finds it too from then on.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuzz } from './fuzz.ts';

const [seconds = '60', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const endMs = performance.now() + 1000 * Number(seconds);
const { iterations, answered, findings } = await fuzz(
  Number(seed),
  (done) => done % 100 !== 0 || performance.now() < endMs,
);
process.stdout.write(
  `seed ${seed}: ${iterations} messages, ${answered} answered, ${findings.length} findings\n`,
);
for (const [i, { why, hex }] of findings.entries()) {
  const file = join(import.meta.dirname, 'corpus', `seed-${seed}-${i}.hex`);
  writeFileSync(file, `${hex}\n`);
  process.stdout.write(`${why}: ${file}\n`);
}
process.exitCode = findings.length > 0 ? 1 : 0;
