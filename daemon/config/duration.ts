import { durationGrammar, parseDurationMs } from '../../controller/base/index.ts';
import { accept, type OptionType, type Parsed, refuse, single } from './option-type.ts';

/** Longer waits are mistakes; also far below 2^31 ms, past which Node's timers fire at once. */
const maxMs = 24 * 3_600_000;

/** Reads a duration of at most a day. Whole milliseconds out. */
export function parseDuration(text: string): Parsed<number> {
  const totalMs = parseDurationMs(text);
  if (totalMs === undefined && /^\d+$/.test(text)) {
    return refuse(text, 'has no unit', `${text}s or ${text}ms`);
  }
  if (totalMs === undefined) return refuse(text, 'is no duration', durationGrammar);
  if (totalMs > maxMs) return refuse(text, 'is longer than 24h', durationGrammar);
  return accept(Math.round(totalMs));
}

/** A duration; the value is in milliseconds. */
export const duration: OptionType<number> = single('DURATION', parseDuration);
