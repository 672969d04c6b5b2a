import { timingSafeEqual } from 'node:crypto';
import type { Advertisement, Authentication, VrrpVersion } from '../wire/advertisement.ts';

/** What adverts of one virtual router must look like. Addresses are canonical texts. */
export interface ReceiveRules {
  readonly version: VrrpVersion;
  readonly adverIntervalMs: number;
  readonly authentication: Authentication;
  readonly addresses: readonly string[];
  /** Undefined: adverts are multicast. */
  readonly unicastPeers: readonly string[] | undefined;
  /** Our own source address: what comes from it was reflected. */
  readonly ownAddress: string | undefined;
}

/** Where a packet came from, beside its bytes. */
export interface ReceivedFrom {
  readonly source: string;
  readonly ttl: number;
  readonly multicast: boolean;
}

/** Why an advert for a known virtual router is not honoured, in the words of the metric. */
export type RejectReason =
  | 'own'
  | 'ttl'
  | 'version'
  | 'authentication-type'
  | 'password'
  | 'interval'
  | 'not-multicast'
  | 'not-unicast'
  | 'unknown-peer';

/**
 * RFC 9568 §7.1 and, for version 2, RFC 3768 §7.1. Undefined: the advert counts. A differing list
 * of addresses does not make it count less: dropping it would make two Active Routers of one
 * mistake; `listsOtherAddresses` reports it.
 */
export function rejectReason(
  advert: Advertisement,
  from: ReceivedFrom,
  rules: ReceiveRules,
): RejectReason | undefined {
  if (from.source === rules.ownAddress) return 'own';
  // Unicast adverts may have been routed, so their TTL proves nothing.
  if (rules.unicastPeers === undefined && from.ttl !== 255) return 'ttl';
  if (advert.version !== rules.version) return 'version';
  const authentication = authenticationFault(advert.authentication, rules.authentication);
  if (authentication !== undefined) return authentication;
  if (advert.version === 2 && advert.intervalMs !== rules.adverIntervalMs) return 'interval';
  if (rules.unicastPeers === undefined) return from.multicast ? undefined : 'not-multicast';
  if (from.multicast) return 'not-unicast';
  return rules.unicastPeers.includes(from.source) ? undefined : 'unknown-peer';
}

/** True when an advert that counts does not list the same addresses as ours do. */
export function listsOtherAddresses(advert: Advertisement, rules: ReceiveRules): boolean {
  if (advert.addresses.length !== rules.addresses.length) return true;
  return rules.addresses.some((address, index) => {
    return advert.addresses[index] !== address && !advert.addresses.includes(address);
  });
}

function authenticationFault(
  theirs: Authentication,
  ours: Authentication,
): RejectReason | undefined {
  if (theirs.kind !== ours.kind || theirs.kind === 'unsupported') return 'authentication-type';
  if (theirs.kind === 'none' || ours.kind !== 'password') return undefined;
  return timingSafeEqual(theirs.password, ours.password) ? undefined : 'password';
}
