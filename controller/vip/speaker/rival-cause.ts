import type { RejectReason } from '../election/receive-checks.ts';
import type { RivalCause } from './virtual-router.ts';

/** What adverts that list our addresses, and that we must drop, say about whoever sends them. */
export function rivalCauseOf(reason: RejectReason): RivalCause | undefined {
  switch (reason) {
    case 'version':
      return 'version-mismatch';
    case 'interval':
      return 'interval-mismatch';
    case 'authentication-type':
    case 'password':
      return 'authentication-mismatch';
    case 'not-multicast':
    case 'not-unicast':
    case 'unknown-peer':
      return 'transport-mismatch';
    // Reflected, or from beyond a router: forged, most likely.
    case 'own':
    case 'ttl':
      return undefined;
  }
}

/** One line for people: what is the matter, and what to do about it. */
export function explainRival(cause: RivalCause): {
  readonly message: string;
  readonly instead: string;
} {
  switch (cause) {
    case 'does-not-hear-us':
      return {
        message:
          'is Active too although its priority is lower: our adverts do not reach it, or it drops them',
        instead:
          'allow IP protocol 112 to 224.0.0.18 or ff02::12 in its firewall (firewalld: add-protocol=vrrp), and compare its addresses, interval, version and password with ours',
      };
    case 'other-virtual-router-id':
      return {
        message: 'advertises our addresses under another virtual router ID',
        instead: 'give both the same virtualRouterID',
      };
    case 'version-mismatch':
      return {
        message: 'advertises our addresses in another version of VRRP',
        instead: 'give both the same version',
      };
    case 'interval-mismatch':
      return {
        message: 'advertises our addresses with another interval, which VRRPv2 has both sides drop',
        instead: 'give both the same advertInterval, or version 3',
      };
    case 'authentication-mismatch':
      return {
        message: 'advertises our addresses with other authentication',
        instead: 'give both the same password, or none',
      };
    case 'transport-mismatch':
      return {
        message: 'advertises our addresses by multicast where we expect unicast, or the other way',
        instead: 'list the same peers on both sides, or none',
      };
    case 'address-held-elsewhere':
      return {
        message: 'answers for our address and sends no adverts that reach us',
        instead:
          'find the machine with this MAC: if it runs VRRP, let IP protocol 112 pass both ways; if not, take the address off it',
      };
  }
}
