import type { BlockPlan } from './plan.ts';
import type { HttpAddress } from './settings.ts';

/** Where the `health`, `ready` and `prometheus` lines of a Corefile listen, once each. */
export interface DnsProbes {
  readonly health: readonly HttpAddress[];
  readonly ready: readonly HttpAddress[];
  readonly prometheus: readonly HttpAddress[];
  /** How long DNS is served after the daemon was told to end and is no longer ready. */
  readonly lameduckMs: number;
}

/** Collects them over all blocks. */
export function probesOf(plans: readonly BlockPlan[]): DnsProbes {
  const collect = (line: 'health' | 'ready' | 'prometheus'): readonly HttpAddress[] => {
    const found = new Map<string, HttpAddress>();
    for (const { settings } of plans) {
      const address = settings[line];
      if (address) found.set(`${address.host} ${address.port}`, address);
    }
    return [...found.values()];
  };
  return {
    health: collect('health'),
    ready: collect('ready'),
    prometheus: collect('prometheus'),
    lameduckMs: Math.max(0, ...plans.map(({ settings }) => settings.health?.lameduckMs ?? 0)),
  };
}
