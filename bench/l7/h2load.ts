/** Bytes of what h2load calls a unit. */
const unitBytes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1_024],
  ['MB', 1_048_576],
  ['GB', 1_073_741_824],
]);

/**
 * The rate that h2load reports. @throws Error if there is none, or if a request failed: a rate
 * with failures is none to compare
 */
export function readH2load(output: string, unit: 'requests/s' | 'MiB/s'): number {
  const [, requests, amount, size] =
    /^finished in .*?, ([\d.]+) req\/s, ([\d.]+)([KMG]?B)\/s$/m.exec(output) ?? [];
  const [, failed, errored] = /, (\d+) failed, (\d+) errored/.exec(output) ?? [];
  if (requests === undefined || failed !== '0' || errored !== '0') {
    throw new Error(`h2load did not get through:\n${output}`);
  }
  if (unit === 'requests/s') return Number(requests);
  return (Number(amount) * (unitBytes.get(size ?? '') ?? Number.NaN)) / 1_048_576;
}
