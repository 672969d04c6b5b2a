import { compilePattern } from '../pattern/index.ts';
import type { FilterDefinition } from './filter.ts';
import { firstOf } from './fields.ts';
import { NetworkSet } from './network-set.ts';

/** Who is answered 403, whatever is asked for. */
export interface BlockSettings {
  /** Addresses and CIDRs. */
  readonly networks: readonly string[];
  /** As nginx writes them: the text itself, `~` a regular expression, `~*` one in any case. */
  readonly userAgents: readonly string[];
  /** Likewise. */
  readonly referers: readonly string[];
}

/** Keeps clients out by address or by what they say of themselves. */
export const block: FilterDefinition<'block'> = {
  isAccessControl: true,
  create({ networks, userAgents, referers }) {
    const blocked = new NetworkSet(networks);
    const isAgent = anyOf(userAgents);
    const isReferer = anyOf(referers);
    return {
      request({ client, head }) {
        const isBlocked =
          blocked.has(client.address) ||
          isAgent(firstOf(head.fields, 'user-agent') ?? '') ||
          isReferer(firstOf(head.fields, 'referer') ?? '');
        return isBlocked ? { status: 403, reason: 'blocked' } : undefined;
      },
    };
  },
};

function anyOf(matchers: readonly string[]): (value: string) => boolean {
  const tests = matchers.map(matcher);
  return (value) => tests.some((one) => one(value));
}

function matcher(written: string): (value: string) => boolean {
  if (written.startsWith('~')) {
    const isAnyCase = written.startsWith('~*');
    const source = written.slice(isAnyCase ? 2 : 1);
    const compiled = compilePattern(source, isAnyCase ? 'ignore-case' : 'match-case');
    return (value) => compiled.test(value);
  }
  return (value) => value === written;
}
