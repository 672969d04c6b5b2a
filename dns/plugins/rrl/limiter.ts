import { parseAddress } from '../../wire/index.ts';

/** What a reply is, for accounts of its own. */
export type Category = 'response' | 'nodata' | 'nxdomain' | 'referral' | 'error';

export interface LimiterOptions {
  /** How long an account that was overdrawn takes to recover. */
  readonly windowMs: number;
  readonly ipv4PrefixLength: number;
  readonly ipv6PrefixLength: number;
  /** Per second; 0: no limit. */
  readonly perSecond: Readonly<Record<Category, number>>;
  /** Of replies of any kind to one network; 0: no limit. */
  readonly requestsPerSecond: number;
  /** Accounts; when there are more, the one that was idle the longest is forgotten. */
  readonly maxTableSize: number;
}

interface Account {
  /** In replies, at most one second's worth, at least minus a window's. */
  balance: number;
  seenMs: number;
}

/** Accounts of how many replies each network got of late. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #accounts: Map<string, Account> = new Map();

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Debits a reply; false: there is nothing left to pay it with. `what` names it, as a name does. */
  allows(category: Category, address: string, what: string, nowMs: number): boolean {
    const { perSecond, requestsPerSecond } = this.#options;
    const network = this.#network(address);
    const own = this.#debit(`${category} ${network} ${what}`, perSecond[category], nowMs);
    const all = this.#debit(network, requestsPerSecond, nowMs);
    return own && all;
  }

  #debit(key: string, rate: number, nowMs: number): boolean {
    if (rate === 0) return true;
    const { windowMs, maxTableSize } = this.#options;
    const account = this.#accounts.get(key) ?? { balance: rate, seenMs: nowMs };
    // Last in the map is who was seen last.
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    if (this.#accounts.size > maxTableSize) {
      const [oldest] = this.#accounts.keys();
      if (oldest !== undefined) this.#accounts.delete(oldest);
    }
    const earned = ((nowMs - account.seenMs) / 1000) * rate;
    const least = -(windowMs / 1000) * rate;
    account.balance = Math.max(least, Math.min(rate, account.balance + earned) - 1);
    account.seenMs = nowMs;
    return account.balance >= 0;
  }

  /** Whoever forges one address of a network can forge all of them. */
  #network(address: string): string {
    const octets = parseAddress(address);
    if (!octets) return address;
    const { ipv4PrefixLength, ipv6PrefixLength } = this.#options;
    const bits = octets.length === 4 ? ipv4PrefixLength : ipv6PrefixLength;
    const kept = Buffer.from(octets.subarray(0, Math.ceil(bits / 8)));
    const last = kept.length - 1;
    if (last >= 0) kept[last] = (kept[last] ?? 0) & (0xff << (kept.length * 8 - bits));
    return `${octets.length} ${kept.toString('hex')}`;
  }
}
