import type { IPFamily } from '../../objects/index.ts';
import { shortHash } from '../short-hash.ts';
import type { AddressRange } from './address-range.ts';

/** Values that can be given out: addresses, or ports of one protocol. */
export interface Pool {
  /** For messages: `127.96.0.0/16`, `30000-32767`. */
  readonly text: string;
  /** Whether a value may be asked for by name. */
  contains(value: string): boolean;
  /**
   * Every value that may be given unasked, in the order to try for one asker: always the same
   * for the same asker, so that it finds its old value even when all records are lost.
   */
  candidates(asker: string): Iterable<string>;
}

/**
 * Service addresses. The lower band is left to those who ask for a certain address, as long as
 * the upper one has room: KEP-3070, min(max(16, size / 16), 256). The network's own address and
 * the IPv4 broadcast address are never given; .1 only when asked for, since it is by custom that
 * of the API server's own Service.
 */
export function addressPool(range: AddressRange): Pool {
  const { size, family, text } = range;
  if (size <= 2) return wholeRange(range);
  const end = family === 'IPv4' ? size - 1 : size;
  const band = size < 16 ? 0 : Math.min(Math.max(16, size / 16), 256);
  return {
    text,
    contains: (value) => {
      const position = range.positionOf(value);
      return position !== undefined && position > 0 && position < end;
    },
    *candidates(asker) {
      for (const position of bandsInOrder(asker, 2, Math.max(band, 2), end)) {
        yield range.at(position);
      }
    },
  };
}

/** A lone address or two: no band, nothing reserved. For addresses that are listed one by one. */
function wholeRange(range: AddressRange): Pool {
  return {
    text: range.text,
    contains: (value) => range.positionOf(value) !== undefined,
    *candidates(asker) {
      for (const position of bandsInOrder(asker, 0, 0, range.size)) yield range.at(position);
    },
  };
}

/** First and last port, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Node ports, as `TCP/30080`. Lower band as for addresses: KEP-3668, min(max(16, size / 32), 128). */
export function portPool({ first, last }: PortRange, protocol: string): Pool {
  const size = last - first + 1;
  const band = size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
  return {
    text: `${first}-${last}`,
    contains: (value) => {
      const [ofProtocol, number] = value.split('/');
      return ofProtocol === protocol && Number(number) >= first && Number(number) <= last;
    },
    *candidates(asker) {
      for (const position of bandsInOrder(asker, 0, band, size)) {
        yield `${protocol}/${first + position}`;
      }
    },
  };
}

/** Several pools of one family, used up in order. */
export function joinPools(pools: readonly Pool[]): Pool | undefined {
  const [only] = pools;
  if (pools.length < 2) return only;
  return {
    text: pools.map(({ text }) => text).join(', '),
    contains: (value) => pools.some((pool) => pool.contains(value)),
    *candidates(asker) {
      for (const pool of pools) yield* pool.candidates(asker);
    },
  };
}

export type PoolsByFamily = ReadonlyMap<IPFamily, Pool>;

/** The pools of each family, families in the order in which they first appear. */
export function poolsByFamily(ranges: readonly AddressRange[]): PoolsByFamily {
  const pools = new Map<IPFamily, Pool>();
  for (const { family } of ranges) {
    const ofFamily = ranges.filter((range) => range.family === family).map(addressPool);
    const joined = joinPools(ofFamily);
    if (joined) pools.set(family, joined);
  }
  return pools;
}

/** Positions from `band` to `end` from a hashed start, round; then those from `first` to `band`. */
function* bandsInOrder(asker: string, first: number, band: number, end: number): Generator<number> {
  yield* roundFrom(asker, band, end);
  yield* roundFrom(asker, first, band);
}

function* roundFrom(asker: string, first: number, end: number): Generator<number> {
  const length = end - first;
  if (length <= 0) return;
  const start = Number.parseInt(shortHash(asker), 16) % length;
  for (let step = 0; step < length; step += 1) yield first + ((start + step) % length);
}
