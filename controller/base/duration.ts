const unitMs: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

/** For messages: what `parseDurationMs` reads. */
export const durationGrammar = 'a duration such as 500ms, 5s or 1m30s';

/**
 * Milliseconds of a duration as Go's time.ParseDuration writes them (`1m30s`, `1.5s`, `500ms`), in
 * units from h to ms. Undefined for anything else, negative ones included.
 */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return text === '0' ? 0 : undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
    totalMs += Number(amount) * (unitMs.get(unit ?? '') ?? Number.NaN);
  }
  return totalMs;
}
