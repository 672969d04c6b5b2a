import {
  choiceOf,
  corefileError,
  type Directive,
  durationOf,
  expectArgs,
  integerOf,
  noArgs,
  oneArg,
  readOptions,
  type Token,
} from '../../corefile/index.ts';
import { type BlockScope, zonesOf, zonesOfToken } from '../kind.ts';
import { type CacheConfig, defaultCache, type StoreConfig } from './config.ts';

/** Options in the order of the documentation. */
export const cacheOptions = [
  'success',
  'denial',
  'prefetch',
  'serve_stale',
  'serve_stale_policy',
  'servfail',
  'disable',
  'keepttl',
] as const;

const maxTtlSec = 0x7fffffff;
/** RFC 2308 §7.1. */
const maxServfailMs = 300_000;

/** Reads a `cache` line. @throws ConfigError */
export function parseCache(line: Directive, scope: BlockScope): CacheConfig {
  const [first] = line.args;
  const hasTtl = first !== undefined && /^\d+$/.test(first.text);
  let config: CacheConfig = {
    ...defaultCache,
    ...(hasTtl && ttlsOf(integerOf(first, 1, maxTtlSec))),
    zones: zonesOf(hasTtl ? line.args.slice(1) : line.args, scope),
  };
  let preferPositive = false;
  const set = (more: Partial<CacheConfig>): void => {
    config = { ...config, ...more };
  };
  readOptions(line, {
    success: (one) => set({ success: storeOf(one, config.success) }),
    denial: (one) => set({ denial: storeOf(one, config.denial) }),
    prefetch: (one) => set({ prefetch: prefetchOf(one) }),
    serve_stale: (one) => set({ stale: staleOf(one) }),
    serve_stale_policy: (one) => {
      choiceOf(oneArg(one, 'serve_stale_policy prefer_positive'), ['prefer_positive']);
      preferPositive = true;
    },
    servfail: (one) =>
      set({ servfailSec: durationOf(oneArg(one, 'servfail DURATION'), 0, maxServfailMs) / 1000 }),
    disable: (one) => {
      expectArgs(one, 1, 100, 'disable success|denial [ZONES...]');
      const [what, ...zones] = one.args;
      if (!what) return;
      const kind = choiceOf(what, ['success', 'denial']);
      const named = zones.length === 0 ? [[]] : zones.flatMap(zonesOfToken);
      set({ disabled: { ...config.disabled, [kind]: [...config.disabled[kind], ...named] } });
    },
    keepttl: (one) => set({ keepTtl: noArgs(one) }),
  } satisfies Record<(typeof cacheOptions)[number], (one: Directive) => void>);
  if (!preferPositive) return config;
  if (config.stale) return { ...config, stale: { ...config.stale, preferPositive } };
  throw corefileError('serve_stale_policy needs a serve_stale line', line.name.at);
}

function ttlsOf(maxTtlSec: number): Pick<CacheConfig, 'success' | 'denial'> {
  return {
    success: { ...defaultCache.success, maxTtlSec },
    denial: { ...defaultCache.denial, maxTtlSec },
  };
}

function storeOf(line: Directive, defaults: StoreConfig): StoreConfig {
  expectArgs(line, 1, 3, `${line.name.text} CAPACITY [TTL] [MINTTL]`);
  const [capacity, ttl, minTtl] = line.args;
  return {
    // CoreDNS keeps 256 shards of at least four entries each.
    capacity: capacity ? Math.max(1024, integerOf(capacity, 0, 10_000_000)) : defaults.capacity,
    maxTtlSec: ttl ? integerOf(ttl, 1, maxTtlSec) : defaults.maxTtlSec,
    minTtlSec: minTtl ? integerOf(minTtl, 0, maxTtlSec) : defaults.minTtlSec,
  };
}

function prefetchOf(line: Directive): CacheConfig['prefetch'] {
  expectArgs(line, 1, 3, 'prefetch AMOUNT [DURATION] [PERCENTAGE%]');
  const [amount, gap, percentage] = line.args;
  const hits = amount ? integerOf(amount, 0, 1_000_000) : 0;
  if (hits === 0) return undefined;
  return {
    hits,
    gapMs: gap ? durationOf(gap) : 60_000,
    percentage: percentage ? percentageOf(percentage) : 10,
  };
}

function percentageOf(token: Token): number {
  const value = /^(\d{1,2})%$/.exec(token.text)?.[1];
  if (value === undefined || Number(value) < 10 || Number(value) > 90) {
    throw corefileError(`"${token.text}" is not from 10% to 90%`, token.at);
  }
  return Number(value);
}

/** `serve_stale [DURATION] [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]`. */
function staleOf(line: Directive): CacheConfig['stale'] {
  expectArgs(line, 0, 5, 'serve_stale [DURATION] [immediate|verify ...]');
  const args = [...line.args];
  const isMode = ({ text }: Token): boolean => text === 'immediate' || text === 'verify';
  const duration = args[0] && !isMode(args[0]) ? args.shift() : undefined;
  const mode = args.shift();
  const policy = mode ? choiceOf(mode, ['immediate', 'verify']) : 'immediate';
  const timeout = policy === 'verify' ? args.shift() : undefined;
  const [ttl, recheck] = args;
  return {
    forMs: duration ? durationOf(duration) : 3_600_000,
    policy,
    verifyMs: timeout ? durationOf(timeout, 1) : 5000,
    ttlSec: ttl ? durationOf(ttl) / 1000 : 0,
    recheckMs: recheck ? durationOf(recheck) : 0,
    preferPositive: false,
  };
}
