/**
 * On a Service: shares of its endpoints, `127.0.0.2=5, [fd00::1]:8080=3, default=1`. The
 * reconciler writes the same on slices that it makes, from `portolan.dev/weight` on Pods. The
 * Service's own entry wins.
 */
export const weightsAnnotation = 'portolan.dev/weights';
/** On a Pod: its share of the Services that select it, an integer from 0 to 1000. */
export const weightAnnotation = 'portolan.dev/weight';

/** As haproxy's and Kubernetes' own weights: enough to say 0.1 %, small enough for slot tables. */
export const maxWeight = 1000;

export interface ParsedWeights {
  readonly byAddress: ReadonlyMap<string, number>;
  /** One sentence for each entry that was left out. */
  readonly errors: readonly string[];
}

const none: ParsedWeights = { byAddress: new Map(), errors: [] };

/** Reads the value of `portolan.dev/weights`. Never throws: bad entries are left out and named. */
export function parseWeights(text: string | undefined): ParsedWeights {
  if (text === undefined || text.trim() === '') return none;
  const byAddress = new Map<string, number>();
  const errors: string[] = [];
  for (const entry of text.split(',')) {
    const match = /^\s*([^=\s]+)\s*=\s*(\d{1,4})\s*$/.exec(entry);
    const weight = Number(match?.[2]);
    if (match?.[1] === undefined || weight > maxWeight) {
      errors.push(`"${entry.trim()}" is not ADDRESS=WEIGHT with a weight from 0 to ${maxWeight}`);
    } else {
      byAddress.set(match[1], weight);
    }
  }
  return { byAddress, errors };
}

/** The share of one endpoint: by `address:port`, else by address, else `default`, else 1. */
export function weightOf(
  weights: readonly ParsedWeights[],
  address: string,
  port: number | undefined,
): number {
  const withPort = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  for (const { byAddress } of weights) {
    const found = byAddress.get(withPort) ?? byAddress.get(address) ?? byAddress.get('default');
    if (found !== undefined) return found;
  }
  return 1;
}
