import { seededRandom } from '../../../controller/base/index.ts';
import { mutate } from '../../dns/fuzz/mutate.ts';
import { read } from './read.ts';
import { type Kind, kinds, seedsOf } from './seeds.ts';

/** Bytes that were not read as they should be. */
export interface Finding {
  readonly kind: Kind;
  readonly why: string;
  readonly hex: string;
}

/**
 * Mutated messages, one after the other while `goesOn`: no parser may throw, and how bytes are cut
 * into reads may not change what they mean.
 */
export function fuzz(
  seed: number,
  goesOn: (iterations: number) => boolean,
): { readonly iterations: number; readonly findings: readonly Finding[] } {
  const random = seededRandom(seed);
  const corpus = new Map(kinds.map((kind) => [kind, seedsOf(kind)]));
  const findings: Finding[] = [];
  let iterations = 0;
  while (goesOn(iterations) && findings.length < 10) {
    const kind = kinds[iterations % kinds.length] ?? 'request';
    iterations += 1;
    const bytes = mutate(corpus.get(kind) ?? [], random);
    const cut = Math.floor(random() * (bytes.length + 1));
    const why = fault(kind, bytes, cut);
    if (why !== undefined) findings.push({ kind, why, hex: bytes.toString('hex') });
  }
  return { iterations, findings };
}

function fault(kind: Kind, bytes: Buffer, cut: number): string | undefined {
  try {
    const whole = read(kind, [bytes]);
    const halves = read(kind, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    return whole === halves ? undefined : `cut at ${cut}: ${halves}, whole: ${whole}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
