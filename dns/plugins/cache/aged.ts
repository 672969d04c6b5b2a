import { extendedErrorCode, type ResourceRecord } from '../../wire/index.ts';
import type { Query, Reply, Reuse } from '../plugin.ts';
import { extendedError } from '../reply.ts';
import type { Entry } from './store.ts';

/** The reply with this TTL on every record. */
export function withTtl(reply: Reply, ttlSec: number): Reply {
  const set = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    records.map((record) => ({ ...record, ttlSec }));
  return {
    ...reply,
    answers: set(reply.answers),
    authorities: set(reply.authorities),
    additionals: set(reply.additionals),
  };
}

/**
 * A kept reply as it is told at `nowMs`. AA is set, since old glibc drops answers without it and
 * without AD; the octets stay the same until the TTL counts down.
 */
export function fresh(
  entry: Entry,
  query: Query,
  nowMs: number,
  options: { keepTtl: boolean; reusable: boolean },
): Reply {
  const ageSec = Math.floor((nowMs - entry.storedMs) / 1000);
  const told = withTtl(entry.reply, options.keepTtl ? entry.ttlSec : entry.ttlSec - ageSec);
  const atMs = entry.storedMs + 1000 * (options.keepTtl ? entry.ttlSec : ageSec + 1);
  const reuse: Reuse | undefined = options.reusable ? { kind: 'until', atMs } : undefined;
  return { ...told, authoritative: true, ...forClient(told, query), reuse, plugin: 'cache' };
}

/** An expired reply, for want of a better one (RFC 8767 §4). */
export function stale(entry: Entry, query: Query, ttlSec: number): Reply {
  const told = withTtl(entry.reply, ttlSec);
  const why = extendedError(extendedErrorCode.staleAnswer, 'stale answer');
  return {
    ...told,
    authoritative: true,
    ...forClient(told, query),
    options: [...told.options, why],
    plugin: 'cache',
  };
}

/** RFC 6840 §5.8: AD only for clients that said they understand it. */
export function forClient(reply: Reply, query: Query): Pick<Reply, 'authenticData'> {
  return {
    authenticData: reply.authenticData && (query.authenticData || !!query.edns?.dnssecOk),
  };
}
