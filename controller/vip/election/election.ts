import type { VrrpVersion } from '../wire/advertisement.ts';
import { compareAddresses } from '../wire/ip-address.ts';
import {
  activeDownIntervalMs,
  goodbyePriority,
  maxBackupPriority,
  ownerPriority,
  skewTimeMs,
} from './timing.ts';

/** What one virtual router is told once: RFC 9568 §6.1. */
export interface ElectionParameters {
  readonly version: VrrpVersion;
  readonly adverIntervalMs: number;
  /** False: a higher priority does not take a healthy Active Router's place. */
  readonly preempt: boolean;
  /** How long a lower Active Router is left alone after it is first heard. */
  readonly preemptDelayMs: number;
  /**
   * `free`: claims the addresses when its timer fires. `ask`: asks first, and claims when it is
   * granted: for sync groups, where all members move or none, and for witnesses.
   */
  readonly claim: 'free' | 'ask';
}

/** What changes while it runs. */
export interface ElectionStanding {
  /** 1–255, tracking included. */
  readonly priority: number;
  /** Our primary address, which breaks ties; undefined while the interface has none. */
  readonly address: string | undefined;
}

/** The states of RFC 9568 §6.4, and the two in which it cannot run or waits for leave. */
export type ElectionState =
  | { readonly kind: 'initialize' }
  /** Something tracked failed: takes no part. */
  | { readonly kind: 'fault' }
  | {
      readonly kind: 'backup';
      /** Active_Adver_Interval: that of the last advert accepted. */
      readonly activeAdverIntervalMs: number;
      /** When Active_Down_Timer fires. */
      readonly activeDownAtMs: number;
      /** Until when a lower Active Router is left alone; undefined: none heard. */
      readonly preemptAtMs: number | undefined;
      /** The timer fired, and leave to claim was asked for. */
      readonly asking: boolean;
    }
  | {
      readonly kind: 'active';
      /** When Adver_Timer fires. */
      readonly advertAtMs: number;
      /** Before this, no packet is worth an answer: floods of forged ones get one in a while. */
      readonly answerFromMs: number;
    }
  /** Said goodbye, and holds the addresses until a successor is heard, or until that time. */
  | { readonly kind: 'retiring'; readonly untilMs: number };

export type ElectionEvent =
  | { readonly kind: 'startup' }
  | { readonly kind: 'shutdown' }
  /** Shut down without a gap, if there is somebody to hand over to. */
  | { readonly kind: 'retire' }
  /** Something tracked failed, or works again. */
  | { readonly kind: 'fault' }
  | { readonly kind: 'recovered' }
  /** Time passed: whichever timer is due fires. */
  | { readonly kind: 'timer' }
  /** An advert that passed every receive check. */
  | {
      readonly kind: 'advert';
      readonly priority: number;
      readonly intervalMs: number;
      readonly source: string;
    }
  /** The answer to `askClaim`. */
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused' }
  /** An Active Router must give its addresses up, and stand back for one Active_Down_Interval. */
  | { readonly kind: 'yield' };

/** What is to be done, in this order. */
export type ElectionAction =
  /** `standing`: with our priority. `goodbye`: with priority 0. */
  | { readonly kind: 'sendAdvert'; readonly priority: 'standing' | 'goodbye' }
  | { readonly kind: 'addAddresses' }
  | { readonly kind: 'removeAddresses' }
  /** Tell neighbours where the addresses are. */
  | { readonly kind: 'announce' }
  | { readonly kind: 'askClaim' }
  /** Another Active Router of lower rank was heard. */
  | { readonly kind: 'reportRival'; readonly source: string; readonly priority: number };

export interface ElectionStep {
  readonly state: ElectionState;
  readonly actions: readonly ElectionAction[];
}

/** Longer than this nobody waits for a daemon to end. */
const maxRetiringMs = 1500;
/** For a successor that is late, and for its advert to arrive. */
const handoverMarginMs = 50;

/** Where a virtual router begins. */
export const initialState: ElectionState = { kind: 'initialize' };

/** When `timer` has something to do next; undefined: never. Monotonic milliseconds. */
export function nextTimerMs(state: ElectionState): number | undefined {
  if (state.kind === 'active') return state.advertAtMs;
  if (state.kind === 'retiring') return state.untilMs;
  return state.kind === 'backup' && !state.asking ? state.activeDownAtMs : undefined;
}

/** Effective priority: an owner keeps 255, everybody else stays within 1–254. */
export function effectivePriority(base: number, weights: number): number {
  if (base === ownerPriority) return ownerPriority;
  return Math.min(maxBackupPriority, Math.max(1, base + weights));
}

/**
 * One step of RFC 9568 §6.4. Beyond the RFC: an Active Router that yields sends one last advert,
 * so that the winner learns of its rival and announces the addresses again; faults, and leave to
 * claim. `nowMs` is monotonic and never smaller than in the step before.
 */
export function step(
  state: ElectionState,
  event: ElectionEvent,
  nowMs: number,
  parameters: ElectionParameters,
  standing: ElectionStanding,
): ElectionStep {
  const context = { nowMs, parameters, standing };
  switch (state.kind) {
    case 'initialize':
    case 'fault':
      return stepIdle(state, event, context);
    case 'backup':
      return stepBackup(state, event, context);
    case 'active':
      return stepActive(state, event, context);
    case 'retiring':
      return stepRetiring(state, event, nowMs);
  }
}

interface Context {
  readonly nowMs: number;
  readonly parameters: ElectionParameters;
  readonly standing: ElectionStanding;
}

type BackupState = Extract<ElectionState, { kind: 'backup' }>;
type ActiveState = Extract<ElectionState, { kind: 'active' }>;
type AdvertEvent = Extract<ElectionEvent, { kind: 'advert' }>;

const unmoved = (state: ElectionState): ElectionStep => ({ state, actions: [] });

/** §6.4.1 Initialize; a fault differs only in how it ends. */
function stepIdle(state: ElectionState, event: ElectionEvent, context: Context): ElectionStep {
  if (event.kind === 'shutdown' || event.kind === 'retire') return unmoved(initialState);
  if (event.kind === 'fault') return unmoved({ kind: 'fault' });
  const starts = event.kind === (state.kind === 'fault' ? 'recovered' : 'startup');
  if (!starts) return unmoved(state);
  const { parameters, standing } = context;
  const owns = standing.priority === ownerPriority;
  if (owns && parameters.claim === 'free') return becomeActive(context);
  const backup = backupFor(context, parameters.adverIntervalMs);
  // An owner that must ask waits for leave, not for silence.
  if (owns) return { state: { ...backup, asking: true }, actions: [{ kind: 'askClaim' }] };
  return unmoved(backup);
}

/** §6.4.2 Backup. */
function stepBackup(state: BackupState, event: ElectionEvent, context: Context): ElectionStep {
  const { nowMs, parameters } = context;
  switch (event.kind) {
    case 'startup':
    case 'recovered':
      return unmoved(state);
    case 'shutdown':
    case 'retire':
      return unmoved(initialState);
    case 'fault':
      return unmoved({ kind: 'fault' });
    case 'timer':
      if (state.asking || nowMs < state.activeDownAtMs) return unmoved(state);
      if (parameters.claim === 'free') return becomeActive(context);
      return { state: { ...state, asking: true }, actions: [{ kind: 'askClaim' }] };
    case 'granted':
      return state.asking ? becomeActive(context) : unmoved(state);
    case 'refused':
    case 'yield':
      return unmoved(backupFor(context, state.activeAdverIntervalMs));
    case 'advert':
      return unmoved(hearAsBackup(state, event, context));
  }
}

function hearAsBackup(state: BackupState, advert: AdvertEvent, context: Context): BackupState {
  const { nowMs, parameters, standing } = context;
  if (advert.priority === goodbyePriority) {
    const skewMs = skewTimeMs(parameters.version, standing.priority, state.activeAdverIntervalMs);
    // Never later than it was: a flood of goodbyes must not put the takeover off for ever.
    const activeDownAtMs = Math.min(state.activeDownAtMs, nowMs + skewMs);
    return { ...state, activeDownAtMs, preemptAtMs: undefined };
  }
  const accepted = backupFor(context, advert.intervalMs);
  if (!parameters.preempt || advert.priority >= standing.priority) return accepted;
  if (parameters.preemptDelayMs === 0) return state;
  const preemptAtMs = state.preemptAtMs ?? nowMs + parameters.preemptDelayMs;
  return nowMs < preemptAtMs ? { ...accepted, preemptAtMs } : { ...state, preemptAtMs };
}

/** §6.4.3 Active. */
function stepActive(state: ActiveState, event: ElectionEvent, context: Context): ElectionStep {
  const { nowMs, parameters } = context;
  switch (event.kind) {
    case 'startup':
    case 'recovered':
    case 'granted':
    case 'refused':
      return unmoved(state);
    case 'shutdown':
      return leave(initialState);
    case 'retire':
      return retire(context);
    case 'fault':
      return leave({ kind: 'fault' });
    case 'yield':
      return leave(backupFor(context, parameters.adverIntervalMs));
    case 'timer':
      return nowMs < state.advertAtMs ? unmoved(state) : advertise(state, context);
    case 'advert':
      return hearAsActive(state, event, context);
  }
}

/**
 * Only an advert that is sent moves Adver_Timer, and always on from its last deadline, so that
 * lateness does not add up; after a long sleep from now on.
 */
function advertise(state: ActiveState, { nowMs, parameters }: Context): ElectionStep {
  const dueMs = state.advertAtMs + parameters.adverIntervalMs;
  const advertAtMs = dueMs > nowMs ? dueMs : nowMs + parameters.adverIntervalMs;
  return {
    state: { ...state, advertAtMs },
    actions: [{ kind: 'sendAdvert', priority: 'standing' }],
  };
}

function hearAsActive(state: ActiveState, advert: AdvertEvent, context: Context): ElectionStep {
  const { nowMs } = context;
  const assert = nowMs < state.answerFromMs ? unmoved(state) : answer(context);
  if (advert.priority === goodbyePriority) return assert;
  if (!outranksUs(advert, context.standing)) {
    const { source, priority } = advert;
    return { ...assert, actions: [...assert.actions, { kind: 'reportRival', source, priority }] };
  }
  return {
    state: backupFor(context, advert.intervalMs),
    // The last advert is what tells the winner that neighbours may have learnt our MAC.
    actions: [{ kind: 'sendAdvert', priority: 'standing' }, { kind: 'removeAddresses' }],
  };
}

/** An advert at once, but no more than ten an interval. */
function answer({ nowMs, parameters: { adverIntervalMs } }: Context): ElectionStep {
  const answerFromMs = nowMs + adverIntervalMs / 10;
  return {
    state: { kind: 'active', advertAtMs: nowMs + adverIntervalMs, answerFromMs },
    actions: [{ kind: 'sendAdvert', priority: 'standing' }],
  };
}

/** Ties go to the higher primary address: RFC 9568 §6.4.3. Without one we cannot insist. */
function outranksUs(advert: AdvertEvent, { priority, address }: ElectionStanding): boolean {
  if (advert.priority !== priority) return advert.priority > priority;
  return address === undefined || compareAddresses(advert.source, address) > 0;
}

function becomeActive({ nowMs, parameters }: Context): ElectionStep {
  return {
    state: { kind: 'active', advertAtMs: nowMs + parameters.adverIntervalMs, answerFromMs: nowMs },
    // The advert first: it keeps other Backups from claiming too while addresses are added.
    actions: [
      { kind: 'sendAdvert', priority: 'standing' },
      { kind: 'addAddresses' },
      { kind: 'announce' },
    ],
  };
}

/** The goodbye first, then the addresses: the next one waits for its Skew_Time meanwhile. */
function leave(state: ElectionState): ElectionStep {
  return {
    state,
    actions: [{ kind: 'sendAdvert', priority: 'goodbye' }, { kind: 'removeAddresses' }],
  };
}

/**
 * The goodbye alone. Backups wait for up to a Skew_Time before they take over: until then the
 * addresses are better held by us than by nobody. Ours go when the successor advertises.
 */
function retire({ nowMs, parameters }: Context): ElectionStep {
  const longestSkewMs = skewTimeMs(parameters.version, 1, parameters.adverIntervalMs);
  const untilMs = nowMs + Math.min(maxRetiringMs, longestSkewMs + handoverMarginMs);
  return {
    state: { kind: 'retiring', untilMs },
    actions: [{ kind: 'sendAdvert', priority: 'goodbye' }],
  };
}

/** Silent already; all that is left is to let go. */
function stepRetiring(
  state: Extract<ElectionState, { kind: 'retiring' }>,
  event: ElectionEvent,
  nowMs: number,
): ElectionStep {
  const succeeded = event.kind === 'advert' && event.priority !== goodbyePriority;
  const late = event.kind === 'timer' && nowMs >= state.untilMs;
  if (!succeeded && !late && event.kind !== 'shutdown' && event.kind !== 'fault') {
    return unmoved(state);
  }
  return { state: initialState, actions: [{ kind: 'removeAddresses' }] };
}

/** Backup with a full Active_Down_Interval ahead. */
function backupFor(context: Context, activeAdverIntervalMs: number): BackupState {
  const { nowMs, parameters, standing } = context;
  // Version 2 demands equal intervals: a received one says nothing new.
  const adverIntervalMs =
    parameters.version === 2 ? parameters.adverIntervalMs : activeAdverIntervalMs;
  const waitMs = activeDownIntervalMs(parameters.version, standing.priority, adverIntervalMs);
  return {
    kind: 'backup',
    activeAdverIntervalMs: adverIntervalMs,
    activeDownAtMs: nowMs + waitMs,
    preemptAtMs: undefined,
    asking: false,
  };
}
