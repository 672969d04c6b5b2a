/** One family of a process as plain data, cheap to send: names and numbers in parallel. */
export interface FamilySnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** `name{a="b"}` each; of a histogram its `_bucket`, `_sum` and `_count` samples. */
  readonly keys: readonly string[];
  readonly values: Float64Array;
}

/** One process's metrics, to be sent to the process that answers `/metrics`. */
export type MetricsSnapshot = readonly FamilySnapshot[];

/** The content type of what `exposition` returns. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

interface Merged {
  readonly family: Pick<FamilySnapshot, 'name' | 'help' | 'type'>;
  readonly values: Map<string, number>;
}

/**
 * Sums the snapshots of several processes (gauges too: levels of one node add up) into the text
 * that Prometheus reads (format 0.0.4). Written here since prom-client took 0.3 s for 10 000
 * Services with traffic on two workers; this takes a tenth of that.
 */
export function exposition(snapshots: readonly MetricsSnapshot[]): string {
  return [...merge(snapshots).values()].map(familyText).join('\n');
}

/**
 * What is worth keeping of a process that ended: its counters and histograms, so that sums over
 * processes never fall. Its levels ended with it.
 */
export function retire(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const kept = snapshots.map((one) => one.filter(({ type }) => type !== 'gauge'));
  return [...merge(kept).values()].map(({ family, values }) => ({
    ...family,
    keys: [...values.keys()],
    values: Float64Array.from(values.values()),
  }));
}

function merge(snapshots: readonly MetricsSnapshot[]): ReadonlyMap<string, Merged> {
  const merged = new Map<string, Merged>();
  for (const { name, help, type, keys, values } of snapshots.flat()) {
    let known = merged.get(name);
    if (!known) {
      known = { family: { name, help, type }, values: new Map() };
      merged.set(name, known);
    }
    const sums = known.values;
    for (const [index, key] of keys.entries()) {
      sums.set(key, (sums.get(key) ?? 0) + (values[index] ?? 0));
    }
  }
  return merged;
}

function familyText({ family: { name, help, type }, values }: Merged): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  let text = `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
  for (const [key, value] of values) text += `${key} ${numberText(value)}\n`;
  return text;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
