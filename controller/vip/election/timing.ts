import type { VrrpVersion } from '../wire/advertisement.ts';

/** The highest priority of a router that does not own the addresses: RFC 9568 §5.2.4. */
export const maxBackupPriority = 254;
/** The priority of the router that owns the addresses. */
export const ownerPriority = 255;
/** The priority by which an Active Router gives up. */
export const goodbyePriority = 0;

/**
 * By how much a Backup waits longer than one of higher priority, so that the best moves first.
 * Skew_Time: a part of the interval in version 3 (RFC 9568 §6.1), of a second, whatever the
 * interval, in version 2 (RFC 3768 §6.1).
 */
export function skewTimeMs(
  version: VrrpVersion,
  priority: number,
  adverIntervalMs: number,
): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : adverIntervalMs);
}

/**
 * How long a Backup hears nothing before it takes the addresses over: Active_Down_Interval,
 * RFC 9568 §6.1. Milliseconds in and out.
 */
export function activeDownIntervalMs(
  version: VrrpVersion,
  priority: number,
  adverIntervalMs: number,
): number {
  return 3 * adverIntervalMs + skewTimeMs(version, priority, adverIntervalMs);
}
