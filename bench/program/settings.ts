import type { BenchContext } from '../bench.ts';
import type { Engine } from './bed.ts';
import type { ClusterSize } from './cluster.ts';

/** What is measured, and how much of it. */
export interface Settings {
  readonly engines: readonly Engine[];
  readonly parts: readonly Part[];
  readonly size: ClusterSize;
  /** The largest clusters known: nftables alone. */
  readonly large: ClusterSize;
  readonly changes: number;
  readonly churnSeconds: number;
  /** Changes a second of the churn. */
  readonly churnRate: number;
}

export const allParts = ['rules', 'large', 'traffic', 'churn', 'repair'] as const;
export type Part = (typeof allParts)[number];
const allEngines: readonly Engine[] = ['nftables', 'iptables-nft', 'iptables-legacy'];

/** What can be asked for alone: parts, engines, or both. */
export const cases: readonly string[] = [...allParts, ...allEngines];

/** Sizes that the environment may set, for machines that are smaller or patience that is longer. */
const sizes = {
  services: 'PROGRAM_SERVICES',
  endpoints: 'PROGRAM_ENDPOINTS',
  changes: 'PROGRAM_CHANGES',
  seconds: 'PROGRAM_SECONDS',
  rate: 'PROGRAM_RATE',
} as const;

/** @throws Error that names a size that is no number */
export function readSettings({ quick, only }: Pick<BenchContext, 'quick' | 'only'>): Settings {
  const size = (name: keyof typeof sizes, usual: number): number => {
    const text = process.env[sizes[name]];
    if (text === undefined) return usual;
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
    throw new Error(`${sizes[name]}=${text}: a number from 1 to 9999999 is needed`);
  };
  const chosen = <T extends string>(all: readonly T[]): readonly T[] => {
    const some = all.filter((one) => only.includes(one));
    return some.length > 0 ? some : all;
  };
  const parts = chosen(allParts);
  return {
    engines: chosen(allEngines),
    parts: quick && only.length === 0 ? parts.filter((one) => one !== 'large') : parts,
    size: {
      services: size('services', quick ? 1_000 : 10_000),
      endpoints: size('endpoints', 4),
    },
    large: { services: 44_000, endpoints: 2 },
    changes: size('changes', quick ? 40 : 200),
    churnSeconds: size('seconds', quick ? 5 : 60),
    churnRate: size('rate', 1_000),
  };
}
