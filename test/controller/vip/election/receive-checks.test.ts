import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  listsOtherAddresses,
  type ReceivedFrom,
  type ReceiveRules,
  rejectReason,
} from '../../../../controller/vip/election/receive-checks.ts';
import type { Advertisement } from '../../../../controller/vip/wire/advertisement.ts';

const none = { kind: 'none' } as const;
const password = (text: string) =>
  ({ kind: 'password', password: Buffer.from(text.padEnd(8, '\0')) }) as const;
const advert: Advertisement = {
  version: 3,
  vrid: 7,
  priority: 100,
  intervalMs: 1000,
  addresses: ['10.0.0.100'],
  authentication: none,
};
const from: ReceivedFrom = { source: '10.0.0.2', ttl: 255, multicast: true };
const rules: ReceiveRules = {
  version: 3,
  adverIntervalMs: 1000,
  authentication: none,
  addresses: ['10.0.0.100'],
  unicastPeers: undefined,
  ownAddress: '10.0.0.1',
};
const v2 = { advert: { version: 2 }, rules: { version: 2 } } as const;
const unicast = { from: { multicast: false }, rules: { unicastPeers: ['10.0.0.2'] } } as const;

interface Case {
  readonly why: string;
  readonly advert?: Partial<Advertisement>;
  readonly from?: Partial<ReceivedFrom>;
  readonly rules?: Partial<ReceiveRules>;
  readonly reason: string | undefined;
}

const cases: readonly Case[] = [
  { why: 'all as configured', reason: undefined },
  { why: 'our own, reflected', from: { source: '10.0.0.1' }, reason: 'own' },
  { why: 'TTL 254: routed', from: { ttl: 254 }, reason: 'ttl' },
  {
    why: 'unicast may be routed',
    ...unicast,
    from: { multicast: false, ttl: 60 },
    reason: undefined,
  },
  { why: 'other version', advert: { version: 2 }, reason: 'version' },
  { why: 'version 3: other interval is fine', advert: { intervalMs: 10 }, reason: undefined },
  {
    why: 'version 2: other interval',
    ...v2,
    advert: { version: 2, intervalMs: 2000 },
    reason: 'interval',
  },
  {
    why: 'version 2: password expected',
    ...v2,
    rules: { version: 2, authentication: password('a') },
    reason: 'authentication-type',
  },
  {
    why: 'version 2: password unexpected',
    ...v2,
    advert: { version: 2, authentication: password('a') },
    reason: 'authentication-type',
  },
  {
    why: 'version 2: other password',
    advert: { version: 2, authentication: password('a') },
    rules: { version: 2, authentication: password('b') },
    reason: 'password',
  },
  {
    why: 'version 2: same password',
    advert: { version: 2, authentication: password('a') },
    rules: { version: 2, authentication: password('a') },
    reason: undefined,
  },
  {
    why: 'version 2: authentication header',
    ...v2,
    advert: { version: 2, authentication: { kind: 'unsupported', type: 2 } },
    reason: 'authentication-type',
  },
  {
    why: 'unicast where multicast is configured',
    from: { multicast: false },
    reason: 'not-multicast',
  },
  {
    why: 'multicast where unicast is configured',
    rules: { unicastPeers: ['10.0.0.2'] },
    reason: 'not-unicast',
  },
  { why: 'unicast peer', ...unicast, reason: undefined },
  {
    why: 'unicast from a stranger',
    ...unicast,
    from: { multicast: false, source: '10.0.0.3' },
    reason: 'unknown-peer',
  },
  {
    why: 'other addresses do not make it count less',
    advert: { addresses: ['10.0.0.9'] },
    reason: undefined,
  },
];
for (const { why, reason, ...parts } of cases) {
  test(`${why}: ${reason ?? 'counts'}`, () => {
    const rejected = rejectReason(
      { ...advert, ...parts.advert },
      { ...from, ...parts.from },
      { ...rules, ...parts.rules },
    );
    equal(rejected, reason);
  });
}

const lists = [
  [['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2'], false],
  [['10.0.0.2', '10.0.0.1'], ['10.0.0.1', '10.0.0.2'], false],
  [['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], true],
  [['10.0.0.1', '10.0.0.3'], ['10.0.0.1', '10.0.0.2'], true],
] as const;
for (const [theirs, ours, other] of lists) {
  test(`lists ${theirs.join(' ')} against ${ours.join(' ')}`, () => {
    equal(
      listsOtherAddresses({ ...advert, addresses: theirs }, { ...rules, addresses: ours }),
      other,
    );
  });
}
