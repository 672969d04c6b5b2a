import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ElectionAction,
  type ElectionEvent,
  type ElectionParameters,
  type ElectionState,
  effectivePriority,
  nextTimerMs,
  step,
} from '../../../../controller/vip/election/election.ts';

const now = 10_000;
const parameters: ElectionParameters = {
  version: 3,
  adverIntervalMs: 1000,
  preempt: true,
  preemptDelayMs: 0,
  claim: 'free',
};
const standing = { priority: 100, address: '10.0.0.5' };
/** Skew_Time and Active_Down_Interval for priority 100 at 1 s. */
const skew = (156 / 256) * 1000;
const adi = 3000 + skew;

const init: ElectionState = { kind: 'initialize' };
const fault: ElectionState = { kind: 'fault' };
const backup: Extract<ElectionState, { kind: 'backup' }> = {
  kind: 'backup',
  activeAdverIntervalMs: 1000,
  activeDownAtMs: now + 2000,
  preemptAtMs: undefined,
  asking: false,
};
const due: ElectionState = { ...backup, activeDownAtMs: now };
const asking: ElectionState = { ...due, asking: true };
const active: Extract<ElectionState, { kind: 'active' }> = {
  kind: 'active',
  advertAtMs: now + 500,
  answerFromMs: 0,
};

const advert = (priority: number, more: { source?: string; intervalMs?: number } = {}) =>
  ({ kind: 'advert', priority, intervalMs: 1000, source: '10.0.0.1', ...more }) as const;
const standingAdvert: ElectionAction = { kind: 'sendAdvert', priority: 'standing' };
const goodbye: ElectionAction = { kind: 'sendAdvert', priority: 'goodbye' };
const claim: readonly ElectionAction[] = [
  standingAdvert,
  { kind: 'addAddresses' },
  { kind: 'announce' },
];
const leave: readonly ElectionAction[] = [goodbye, { kind: 'removeAddresses' }];
const rival = (priority: number): ElectionAction => ({
  kind: 'reportRival',
  source: '10.0.0.1',
  priority,
});

const fresh: ElectionState = { ...backup, activeDownAtMs: now + adi };
const started: ElectionState = { kind: 'active', advertAtMs: now + 1000, answerFromMs: now };
const answered: ElectionState = { kind: 'active', advertAtMs: now + 1000, answerFromMs: now + 100 };

/** Priority 1 waits longest: 255/256 of an interval; 50 ms for it to be heard. */
const retiring: ElectionState = { kind: 'retiring', untilMs: now + (255 / 256) * 1000 + 50 };
const letGo: ElectionAction = { kind: 'removeAddresses' };

interface Row {
  readonly why: string;
  readonly from: ElectionState;
  readonly event: ElectionEvent;
  readonly to: ElectionState;
  readonly actions?: readonly ElectionAction[];
  readonly parameters?: Partial<ElectionParameters>;
  readonly priority?: number;
  readonly address?: undefined;
}

const rows: readonly Row[] = [
  // §6.4.1 Initialize
  {
    why: 'owner starts',
    from: init,
    event: { kind: 'startup' },
    to: started,
    actions: claim,
    priority: 255,
  },
  { why: 'others start as Backup', from: init, event: { kind: 'startup' }, to: fresh },
  {
    why: 'an owner that must ask, asks at once',
    from: init,
    event: { kind: 'startup' },
    priority: 255,
    parameters: { claim: 'ask' },
    to: { ...fresh, activeDownAtMs: now + 3000 + 1000 / 256, asking: true },
    actions: [{ kind: 'askClaim' }],
  },
  { why: 'Initialize hears nothing', from: init, event: advert(200), to: init },
  { why: 'Initialize has no timer', from: init, event: { kind: 'timer' }, to: init },
  { why: 'Initialize: nothing to shut down', from: init, event: { kind: 'shutdown' }, to: init },
  { why: 'a fault before start', from: init, event: { kind: 'fault' }, to: fault },
  {
    why: 'recovery does not start what was not started',
    from: init,
    event: { kind: 'recovered' },
    to: init,
  },
  // fault
  { why: 'a fault hears nothing', from: fault, event: advert(0), to: fault },
  { why: 'a fault does not start', from: fault, event: { kind: 'startup' }, to: fault },
  {
    why: 'a fault ends in Backup, with a full wait',
    from: fault,
    event: { kind: 'recovered' },
    to: fresh,
  },
  { why: 'a fault shuts down', from: fault, event: { kind: 'shutdown' }, to: init },
  { why: 'retires: nothing to hand over', from: init, event: { kind: 'retire' }, to: init },
  { why: 'retires from a fault', from: fault, event: { kind: 'retire' }, to: init },
  {
    why: 'Backup retires: nothing to hand over',
    from: backup,
    event: { kind: 'retire' },
    to: init,
  },
  {
    why: 'Active retires: goodbye, the addresses stay',
    from: active,
    event: { kind: 'retire' },
    to: retiring,
    actions: [goodbye],
  },
  {
    why: 'a long interval: nobody waits for ever',
    from: active,
    event: { kind: 'retire' },
    parameters: { adverIntervalMs: 40_000 },
    to: { kind: 'retiring', untilMs: now + 1500 },
    actions: [goodbye],
  },
  // retiring
  { why: 'a successor is heard', from: retiring, event: advert(1), to: init, actions: [letGo] },
  { why: 'another goodbye is no successor', from: retiring, event: advert(0), to: retiring },
  {
    why: 'nobody came',
    from: { kind: 'retiring', untilMs: now },
    event: { kind: 'timer' },
    to: init,
    actions: [letGo],
  },
  { why: 'there is time', from: retiring, event: { kind: 'timer' }, to: retiring },
  { why: 'at once', from: retiring, event: { kind: 'shutdown' }, to: init, actions: [letGo] },
  {
    why: 'the interface went',
    from: retiring,
    event: { kind: 'fault' },
    to: init,
    actions: [letGo],
  },
  { why: 'twice', from: retiring, event: { kind: 'retire' }, to: retiring },
  { why: 'too late to start', from: retiring, event: { kind: 'startup' }, to: retiring },
  { why: 'nothing to recover from', from: retiring, event: { kind: 'recovered' }, to: retiring },
  { why: 'too late to claim', from: retiring, event: { kind: 'granted' }, to: retiring },
  { why: 'too late to refuse', from: retiring, event: { kind: 'refused' }, to: retiring },
  { why: 'yields already', from: retiring, event: { kind: 'yield' }, to: retiring },
  // §6.4.2 Backup
  { why: 'Backup shuts down in silence', from: backup, event: { kind: 'shutdown' }, to: init },
  { why: 'Backup faults in silence', from: backup, event: { kind: 'fault' }, to: fault },
  { why: 'Backup before its time', from: backup, event: { kind: 'timer' }, to: backup },
  {
    why: 'Active_Down_Timer fires',
    from: due,
    event: { kind: 'timer' },
    to: started,
    actions: claim,
  },
  {
    why: 'Active_Down_Timer fires, leave is needed',
    from: due,
    event: { kind: 'timer' },
    parameters: { claim: 'ask' },
    to: asking,
    actions: [{ kind: 'askClaim' }],
  },
  { why: 'asking: the timer is done', from: asking, event: { kind: 'timer' }, to: asking },
  { why: 'leave is given', from: asking, event: { kind: 'granted' }, to: started, actions: claim },
  {
    why: 'leave is given that nobody asked for',
    from: backup,
    event: { kind: 'granted' },
    to: backup,
  },
  { why: 'leave is refused: wait again', from: asking, event: { kind: 'refused' }, to: fresh },
  { why: 'asking, the Active Router is heard again', from: asking, event: advert(200), to: fresh },
  {
    why: 'Active Router says goodbye',
    from: backup,
    event: advert(0),
    to: { ...backup, activeDownAtMs: now + skew },
  },
  { why: 'goodbyes never put the timer off', from: due, event: advert(0), to: due },
  {
    why: 'goodbye skew follows the learnt interval',
    from: { ...backup, activeAdverIntervalMs: 100 },
    event: advert(0),
    to: { ...backup, activeAdverIntervalMs: 100, activeDownAtMs: now + skew / 10 },
  },
  {
    why: 'version 2: skew is a part of a second',
    from: backup,
    event: advert(0),
    parameters: { version: 2, adverIntervalMs: 5000 },
    to: { ...backup, activeDownAtMs: now + skew },
  },
  { why: 'advert of higher priority', from: backup, event: advert(150), to: fresh },
  { why: 'advert of equal priority', from: backup, event: advert(100), to: fresh },
  {
    why: 'advert with another interval: adopted',
    from: backup,
    event: advert(150, { intervalMs: 200 }),
    to: { ...backup, activeAdverIntervalMs: 200, activeDownAtMs: now + adi / 5 },
  },
  { why: 'advert of lower priority: discarded', from: backup, event: advert(50), to: backup },
  {
    why: 'lower, nopreempt: accepted',
    from: backup,
    event: advert(50),
    parameters: { preempt: false },
    to: fresh,
  },
  {
    why: 'lower, preempt delay starts',
    from: backup,
    event: advert(50),
    parameters: { preemptDelayMs: 5000 },
    to: { ...fresh, preemptAtMs: now + 5000 },
  },
  {
    why: 'lower, preempt delay runs',
    from: { ...backup, preemptAtMs: now + 1 },
    event: advert(50),
    parameters: { preemptDelayMs: 5000 },
    to: { ...fresh, preemptAtMs: now + 1 },
  },
  {
    why: 'lower, preempt delay over',
    from: { ...backup, preemptAtMs: now },
    event: advert(50),
    parameters: { preemptDelayMs: 5000 },
    to: { ...backup, preemptAtMs: now },
  },
  {
    why: 'higher: preempt delay is forgotten',
    from: { ...backup, preemptAtMs: now + 1 },
    event: advert(150),
    parameters: { preemptDelayMs: 5000 },
    to: fresh,
  },
  { why: 'told to stand back', from: backup, event: { kind: 'yield' }, to: fresh },
  { why: 'started already', from: backup, event: { kind: 'startup' }, to: backup },
  { why: 'nothing to recover from', from: backup, event: { kind: 'recovered' }, to: backup },
  // §6.4.3 Active
  {
    why: 'Active shuts down: goodbye, then addresses',
    from: active,
    event: { kind: 'shutdown' },
    to: init,
    actions: leave,
  },
  {
    why: 'Active faults: goodbye, then addresses',
    from: active,
    event: { kind: 'fault' },
    to: fault,
    actions: leave,
  },
  { why: 'Active before its time', from: active, event: { kind: 'timer' }, to: active },
  {
    why: 'Adver_Timer fires: from its deadline',
    from: { ...active, advertAtMs: now - 10 },
    event: { kind: 'timer' },
    to: { ...active, advertAtMs: now + 990 },
    actions: [standingAdvert],
  },
  {
    why: 'Adver_Timer fires after a long sleep: from now',
    from: { ...active, advertAtMs: now - 5000 },
    event: { kind: 'timer' },
    to: { ...active, advertAtMs: now + 1000 },
    actions: [standingAdvert],
  },
  {
    why: 'goodbye of a rival: answered',
    from: active,
    event: advert(0),
    to: answered,
    actions: [standingAdvert],
  },
  {
    why: 'a flood of goodbyes: not answered',
    from: { ...active, answerFromMs: now + 1 },
    event: advert(0),
    to: { ...active, answerFromMs: now + 1 },
  },
  {
    why: 'higher priority: yields, with one last advert',
    from: active,
    event: advert(101),
    to: fresh,
    actions: [standingAdvert, { kind: 'removeAddresses' }],
  },
  {
    why: 'equal priority, higher address: yields',
    from: active,
    event: advert(100, { source: '10.0.0.10' }),
    to: fresh,
    actions: [standingAdvert, { kind: 'removeAddresses' }],
  },
  {
    why: 'equal priority, lower address: stays',
    from: active,
    event: advert(100),
    to: answered,
    actions: [standingAdvert, rival(100)],
  },
  {
    why: 'equal priority, and we have no address: yields',
    from: active,
    event: advert(100),
    address: undefined,
    to: fresh,
    actions: [standingAdvert, { kind: 'removeAddresses' }],
  },
  {
    why: 'lower priority: asserts',
    from: active,
    event: advert(50),
    to: answered,
    actions: [standingAdvert, rival(50)],
  },
  {
    why: 'a flood of lower: reported, not answered',
    from: { ...active, answerFromMs: now + 1 },
    event: advert(50),
    to: { ...active, answerFromMs: now + 1 },
    actions: [rival(50)],
  },
  {
    why: 'yields with the interval it heard',
    from: active,
    event: advert(200, { intervalMs: 100 }),
    to: { ...backup, activeAdverIntervalMs: 100, activeDownAtMs: now + adi / 10 },
    actions: [standingAdvert, { kind: 'removeAddresses' }],
  },
  {
    why: 'version 2 keeps its own interval',
    from: active,
    event: advert(200, { intervalMs: 5000 }),
    parameters: { version: 2 },
    to: fresh,
    actions: [standingAdvert, { kind: 'removeAddresses' }],
  },
  {
    why: 'told to yield: goodbye',
    from: active,
    event: { kind: 'yield' },
    to: fresh,
    actions: leave,
  },
  { why: 'granted already', from: active, event: { kind: 'granted' }, to: active },
  {
    why: 'refused too late: stays until told to yield',
    from: active,
    event: { kind: 'refused' },
    to: active,
  },
  { why: 'started already', from: active, event: { kind: 'startup' }, to: active },
  { why: 'nothing to recover from', from: active, event: { kind: 'recovered' }, to: active },
];

for (const { why, from, event, to, actions = [], ...row } of rows) {
  test(`${from.kind}, ${event.kind}: ${why}`, () => {
    const address = 'address' in row ? row.address : standing.address;
    const result = step(
      from,
      event,
      now,
      { ...parameters, ...row.parameters },
      { priority: row.priority ?? standing.priority, address },
    );
    deepEqual(rounded(result.state), rounded(to));
    deepEqual(result.actions, actions);
  });
}

/** Times to the microsecond: sums in another order differ in the last bit. */
function rounded(state: ElectionState): object {
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
    ]),
  );
}

for (const from of [init, fault]) {
  for (const kind of ['granted', 'refused', 'yield'] as const) {
    test(`${from.kind}, ${kind}: nothing to be told`, () => {
      deepEqual(step(from, { kind }, now, parameters, standing), { state: from, actions: [] });
    });
  }
}

test('every running state has a row for every event', () => {
  for (const state of ['backup', 'active', 'retiring']) {
    const kinds = rows.filter(({ from }) => from.kind === state).map(({ event }) => event.kind);
    deepEqual([...new Set(kinds)].toSorted(), [
      'advert',
      'fault',
      'granted',
      'recovered',
      'refused',
      'retire',
      'shutdown',
      'startup',
      'timer',
      'yield',
    ]);
  }
});

describe('around it', () => {
  const priorities = [
    [100, 0, 100],
    [100, -200, 1],
    [100, 500, 254],
    [255, -200, 255],
  ] as const;
  for (const [base, weights, expected] of priorities) {
    test(`priority ${base} with weights ${weights} is ${expected}`, () => {
      equal(effectivePriority(base, weights), expected);
    });
  }
  test('timers: none while idle or asking', () => {
    deepEqual([init, fault, asking, backup, active].map(nextTimerMs), [
      undefined,
      undefined,
      undefined,
      now + 2000,
      now + 500,
    ]);
  });
});
