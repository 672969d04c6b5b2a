import { accept, type OptionType, type Parsed, refuse, single } from './option-type.ts';

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const forms = 'a duration such as 30s, 1m30s or 500ms';

/** Longer waits are mistakes; also far below 2^31 ms, past which Node's timers fire at once. */
const maxMs = 24 * 3_600_000;

/**
 * Reads Go's duration notation (`time.ParseDuration`), as all of Kubernetes writes it, in the
 * units h, m, s and ms. Whole milliseconds out.
 */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return accept(0);
  if (/^\d+$/.test(text)) return refuse(text, 'has no unit', `${text}s or ${text}ms`);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return refuse(text, 'is no duration', forms);
  let totalMs = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    totalMs += Number(amount) * (unitMs[unit] ?? 0);
  }
  if (totalMs > maxMs) return refuse(text, 'is longer than 24h', forms);
  return accept(Math.round(totalMs));
}

/** A duration; the value is in milliseconds. */
export const duration: OptionType<number> = single('DURATION', parseDuration);
