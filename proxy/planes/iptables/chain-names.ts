import { createHash } from 'node:crypto';
import type { Cidr } from '../../compile/index.ts';
import type { LocalDetector } from '../kernel/index.ts';

/** What decides the rules of a Service port besides itself. */
export interface RuleOptions {
  readonly detector: LocalDetector;
  /** Sources that may reach load-balancer addresses; undefined: all. */
  readonly sourceFilter: (
    ranges: readonly Cidr[],
    loadBalancerIPs: readonly string[],
  ) => readonly string[] | undefined;
}

/**
 * `SVC`, `SVL`: balance over the cluster or local set. `SEP`: one endpoint that remembers clients.
 * `SLT`: some slots of an `ip_hash` table. `EXT`: traffic from outside. `FW`: source ranges.
 */
export type ChainKind = 'SVC' | 'SVL' | 'SEP' | 'SLT' | 'EXT' | 'FW';

/** iptables takes 28 characters (XT_EXTENSION_MAXNAMELEN less what it needs itself). */
const hashLength = 14;

/** Names of our chains: all begin with one prefix, by which they are found and removed. */
export class ChainNames {
  readonly prefix: string;

  /** `prefix`: up to 9 characters, upper case. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  get services(): string {
    return `${this.prefix}-SERVICES`;
  }
  get nodePorts(): string {
    return `${this.prefix}-NODEPORTS`;
  }
  get markMasquerade(): string {
    return `${this.prefix}-MARK-MASQ`;
  }
  get postrouting(): string {
    return `${this.prefix}-POSTROUTING`;
  }
  get unserved(): string {
    return `${this.prefix}-UNSERVED`;
  }
  get firewall(): string {
    return `${this.prefix}-FIREWALL`;
  }
  get forward(): string {
    return `${this.prefix}-FORWARD`;
  }
  get healthChecks(): string {
    return `${this.prefix}-HEALTH`;
  }

  /** An empty chain whose name says which rules are in force. */
  fingerprint(digest: string): string {
    return `${this.prefix}-IS-${digest.slice(0, hashLength)}`;
  }

  of(kind: ChainKind, identity: string): string {
    const digest = createHash('sha256').update(identity).digest('hex').slice(0, hashLength);
    return `${this.prefix}-${kind}-${digest}`.slice(0, 28);
  }

  /** A chain of a tree of shared ones: `tree` is a letter, `prefix` says what is below. */
  leaf(tree: string, prefix: string): string {
    const readable = `${this.prefix}-${tree}-${prefix.replace('/', '_')}`;
    // IPv6 prefixes are longer than names may be.
    if (readable.length <= 28) return readable;
    const digest = createHash('sha256').update(prefix).digest('hex').slice(0, hashLength);
    return `${this.prefix}-${tree}-${digest}`;
  }

  isOurs(chain: string): boolean {
    return chain.startsWith(`${this.prefix}-`);
  }
}

/** iptables prints single addresses with their prefix length. */
export function hostCidr(address: string): string {
  if (address.includes('/')) return address;
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
