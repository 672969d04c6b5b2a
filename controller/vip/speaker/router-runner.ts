import { describeError } from '../../base/index.ts';
import {
  type ElectionAction,
  type ElectionEvent,
  type ElectionParameters,
  type ElectionState,
  effectivePriority,
  initialState,
  nextTimerMs,
  step,
} from '../election/election.ts';
import {
  listsOtherAddresses,
  type ReceivedFrom,
  type ReceiveRules,
  rejectReason,
} from '../election/receive-checks.ts';
import { goodbyePriority } from '../election/timing.ts';
import { vrrpGroup } from '../link/groups.ts';
import type { Link } from '../link/link.ts';
import { LinkError } from '../link/link-error.ts';
import { type Advertisement, encodeAdvertisement } from '../wire/advertisement.ts';
import type { ChecksumForm } from '../wire/checksum.ts';
import { Announcer } from './announcer.ts';
import { InterfaceAddresses } from './interface-addresses.ts';
import { Leave } from './leave.ts';
import { NeighbourNews } from './neighbour-news.ts';
import { faultOf, sourceAddress, trackedWeight } from './node-standing.ts';
import { Rivals } from './rivals.ts';
import { rivalCauseOf } from './rival-cause.ts';
import type {
  RivalCause,
  Tracking,
  VirtualRouterSpec,
  VirtualRouterStatus,
} from './virtual-router.ts';

/** How often an Active Router asks whether somebody else answers for its addresses. */
const probeMs = 5000;
/** A rival of whom nothing is seen for so many probes is gone. */
const probesRemembered = 3;
/** After a takeover the router before may still answer for a moment. */
const settleMs = 1000;
/** How often an address that somebody took away is put back: not a fight of two programs. */
const repairMs = 1000;

/** What a router tells those around it. */
export interface RunnerReports {
  /** The state changed. */
  transition(runner: RouterRunner, from: ElectionState['kind'], reason: string): void;
  /** Leave to claim is asked of the group. */
  askClaim(runner: RouterRunner): void;
  /** Leave of the witness is asked for, or needed still; false: it is not any more. */
  claim(runner: RouterRunner, wanted: boolean): void;
  /** A rival came (`cause`) or all went (undefined). */
  rivals(runner: RouterRunner, cause: RivalCause | undefined): void;
  /** Something that the machine refused, or that somebody else did to our addresses. */
  trouble(runner: RouterRunner, reason: string, message: string): void;
}

/** One virtual router running on a link: the election, the addresses, the announcements. */
export class RouterRunner {
  readonly spec: VirtualRouterSpec;
  readonly #link: Link;
  readonly #reports: RunnerReports;
  readonly #parameters: ElectionParameters;
  readonly #addresses: InterfaceAddresses;
  readonly #neighbours: NeighbourNews;
  readonly #announcer = new Announcer();
  readonly #rivals = new Rivals();
  readonly #dropped: Record<string, number> = {};
  #state: ElectionState = initialState;
  #reason = 'starting';
  #tracking: Tracking = { weight: 0, fault: undefined };
  #groupFault = false;
  #priority: number;
  #source: string | undefined;
  #active: string | undefined;
  #peerForm: ChecksumForm | undefined;
  #changedMs = 0;
  #probeAtMs: number | undefined;
  #repairAtMs: number | undefined;
  readonly #leave = new Leave();
  #transitions = 0;
  #sent = 0;
  #received = 0;
  #maxLatenessMs = 0;

  constructor(spec: VirtualRouterSpec, link: Link, reports: RunnerReports) {
    this.spec = spec;
    this.#link = link;
    this.#reports = reports;
    const attempt = (reason: string, act: () => void): void => this.#try(reason, act);
    this.#addresses = new InterfaceAddresses(spec, link, attempt);
    this.#neighbours = new NeighbourNews(spec, link, attempt);
    this.#priority = spec.priority;
    this.#parameters = {
      version: spec.version,
      adverIntervalMs: spec.adverIntervalMs,
      preempt: spec.preempt,
      preemptDelayMs: spec.preemptDelayMs,
      claim: spec.syncGroup === undefined && !spec.witness ? 'free' : 'ask',
    };
  }

  get state(): ElectionState {
    return this.#state;
  }

  /** Its own fault, apart from that of its group. */
  get fault(): string | undefined {
    return this.#findFault();
  }

  /** Starts it. Addresses that a crash left behind go first: nobody has elected us yet. */
  start(nowMs: number): void {
    this.refresh(nowMs);
    this.#addresses.release();
    this.#step({ kind: 'startup' }, nowMs, 'started');
    this.refresh(nowMs);
  }

  /** Says goodbye and lets everything go. */
  stop(nowMs: number): void {
    this.#step({ kind: 'shutdown' }, nowMs, 'stopped');
  }

  /** Says goodbye, and lets everything go once a successor is heard. */
  retire(nowMs: number): void {
    // Who has a witness must not overlap with a successor: that one waits for the Lease anyway.
    const kind = this.spec.witness ? 'shutdown' : 'retire';
    this.#step({ kind }, nowMs, 'stopping');
  }

  /** Leave of the witness, until then. */
  grant(untilMs: number, nowMs: number): void {
    this.#leave.give(untilMs);
    this.#step({ kind: 'granted' }, nowMs, 'the witness gave leave');
  }

  revoke(nowMs: number, reason: string): void {
    this.#leave.take();
    if (this.#state.kind === 'active') this.#step({ kind: 'yield' }, nowMs, reason);
  }

  track(tracking: Tracking, nowMs: number): void {
    this.#tracking = tracking;
    this.refresh(nowMs);
  }

  /** A fault of another member of the group is ours too. */
  setGroupFault(faulty: boolean, nowMs: number): void {
    if (this.#groupFault === faulty) return;
    this.#groupFault = faulty;
    this.refresh(nowMs);
  }

  /** Leave to claim, or none; `yield`: the group gives up. */
  tell(kind: 'granted' | 'refused' | 'yield', nowMs: number, reason: string): void {
    this.#step({ kind }, nowMs, reason);
  }

  /** Looks at interfaces and trackers again. */
  refresh(nowMs: number): void {
    this.#source = sourceAddress(this.spec, this.#link);
    this.#priority = effectivePriority(
      this.spec.priority,
      trackedWeight(this.spec, this.#link, this.#tracking),
    );
    const fault =
      this.#findFault() ?? (this.#groupFault ? 'another member of its group' : undefined);
    if (fault !== undefined) this.#step({ kind: 'fault' }, nowMs, fault);
    else this.#step({ kind: 'recovered' }, nowMs, 'what was tracked works again');
    if (this.#state.kind === 'active' && this.#addresses.missing().length > 0)
      this.#repairAtMs ??= nowMs;
  }

  /** An advert for this router. `payload` was decoded already. */
  hear(advert: Advertisement, from: ReceivedFrom, nowMs: number): void {
    const rules = this.#rules();
    const reason = rejectReason(advert, from, rules);
    if (reason !== undefined) {
      this.drop(reason);
      const cause = rivalCauseOf(reason);
      if (cause && this.#shares(advert)) this.#sight(cause, from.source, advert.priority, nowMs);
      return;
    }
    this.#received += 1;
    if (listsOtherAddresses(advert, rules)) this.drop('addresses-differ');
    const { priority, intervalMs } = advert;
    const event = { kind: 'advert', priority, intervalMs, source: from.source } as const;
    this.#step(event, nowMs, `advert of priority ${priority} from ${from.source}`);
    if (this.#state.kind === 'backup' && priority !== goodbyePriority) this.#active = from.source;
    // A rival that says goodbye may have left its MAC in caches.
    if (priority === goodbyePriority) this.#announcer.again(nowMs);
  }

  /** An advert of another virtual router that lists addresses of ours. */
  hearStranger(advert: Advertisement, from: ReceivedFrom, nowMs: number): void {
    if (!this.#shares(advert) || advert.priority === goodbyePriority) return;
    this.#sight('other-virtual-router-id', from.source, advert.priority, nowMs);
    if (this.spec.rivals !== 'yield') return;
    const { priority, intervalMs } = advert;
    const event = { kind: 'advert', priority, intervalMs, source: from.source } as const;
    this.#step(event, nowMs, `virtual router ${advert.vrid} of ${from.source} holds the addresses`);
    if (this.#state.kind === 'backup') this.#active = from.source;
  }

  /** Somebody with another MAC said that it holds an address of ours. */
  hearHolder(mac: string, nowMs: number): void {
    if (this.#state.kind !== 'active' || nowMs - this.#changedMs < settleMs) return;
    if (this.#sight('address-held-elsewhere', mac, undefined, nowMs)) this.#announcer.again(nowMs);
  }

  /** What a peer's checksums cover; shown because two vendors can differ in it alone. */
  peerForm(form: ChecksumForm): void {
    this.#peerForm = form;
  }

  /** Counts a packet that does not count. */
  drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  holds(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** When `run` has something to do next. Monotonic milliseconds; infinite: never. */
  nextMs(): number {
    let next = nextTimerMs(this.#state) ?? Number.POSITIVE_INFINITY;
    const leaveEndsMs = this.#state.kind === 'active' ? this.#leave.untilMs : undefined;
    const others = [this.#announcer.nextMs(), this.#probeAtMs, this.#repairAtMs, leaveEndsMs];
    for (const one of others) if (one !== undefined && one < next) next = one;
    return Math.min(next, this.#rivals.nextMs() ?? next);
  }

  /** Does what is due. */
  run(nowMs: number): void {
    // Before an advert: it would claim what others may hold by now.
    if (this.#leave.ended(nowMs)) this.revoke(nowMs, 'the witness did not answer in time');
    const dueMs = nextTimerMs(this.#state);
    if (dueMs !== undefined && dueMs <= nowMs) {
      if (this.#state.kind === 'active') {
        this.#maxLatenessMs = Math.max(this.#maxLatenessMs, nowMs - dueMs);
      }
      this.#step({ kind: 'timer' }, nowMs, 'no advert arrived in time');
    }
    const round = this.#announcer.take(nowMs);
    if (round !== undefined) this.#neighbours.announce(round);
    if (this.#probeAtMs !== undefined && this.#probeAtMs <= nowMs) this.#probe(nowMs);
    if (this.#repairAtMs !== undefined && this.#repairAtMs <= nowMs) this.#repair(nowMs);
    if (this.#rivals.expire(nowMs) && this.#rivals.list().length === 0) {
      // Whoever it was may have left its MAC in caches.
      this.#announcer.again(nowMs);
      this.#reports.rivals(this, undefined);
    }
  }

  /** The largest lateness of an advert since the last call, in milliseconds. */
  takeLatenessMs(): number {
    const latenessMs = this.#maxLatenessMs;
    this.#maxLatenessMs = 0;
    return latenessMs;
  }

  status(): VirtualRouterStatus {
    return {
      name: this.spec.name,
      state: this.#state.kind,
      reason: this.#reason,
      priority: this.#priority,
      source: this.#source,
      active: this.#state.kind === 'backup' ? this.#active : undefined,
      peerChecksum: this.#peerForm,
      rivals: this.#rivals.list(),
      transitions: this.#transitions,
      advertsSent: this.#sent,
      advertsReceived: this.#received,
      dropped: { ...this.#dropped },
    };
  }

  #step(event: ElectionEvent, nowMs: number, reason: string): void {
    const before = this.#state.kind;
    const standing = { priority: this.#priority, address: this.#source };
    const { state, actions } = step(this.#state, event, nowMs, this.#parameters, standing);
    this.#state = state;
    for (const action of actions) this.#act(action, nowMs);
    this.#claimFromWitness();
    if (before === state.kind) return;
    this.#reason = reason;
    this.#changedMs = nowMs;
    this.#transitions += 1;
    // What a successor announces must not be contradicted.
    if (state.kind === 'retiring') this.#fallSilent();
    if (state.kind !== 'backup') this.#active = undefined;
    if (state.kind !== 'active' && this.#rivals.clear()) this.#reports.rivals(this, undefined);
    this.#reports.transition(this, before, reason);
  }

  #claimFromWitness(): void {
    if (!this.spec.witness) return;
    const { kind } = this.#state;
    const wanted = kind === 'active' || (this.#state.kind === 'backup' && this.#state.asking);
    if (this.#leave.wanted(wanted)) this.#reports.claim(this, wanted);
  }

  #act(action: ElectionAction, nowMs: number): void {
    switch (action.kind) {
      case 'sendAdvert':
        return this.#send(action.priority === 'goodbye' ? goodbyePriority : this.#priority);
      case 'addAddresses':
        return this.#addresses.add();
      case 'removeAddresses':
        this.#fallSilent();
        return this.#addresses.release();
      case 'announce':
        this.#announcer.start(nowMs);
        this.#probeAtMs = nowMs + probeMs;
        return this.#neighbours.announce(this.#announcer.take(nowMs) ?? 0);
      case 'askClaim':
        return this.#reports.askClaim(this);
      case 'reportRival':
        this.#announcer.again(nowMs);
        this.#sight('does-not-hear-us', action.source, action.priority, nowMs);
        return;
    }
  }

  /** True when it is news. */
  #sight(cause: RivalCause, peer: string, priority: number | undefined, nowMs: number): boolean {
    if (this.#state.kind !== 'active') return false;
    const lastsMs = Math.max(probesRemembered * probeMs, 3 * this.spec.adverIntervalMs);
    const news = this.#rivals.sighted(cause, peer, priority, nowMs, lastsMs);
    if (news) this.#reports.rivals(this, cause);
    return news;
  }

  #send(priority: number): void {
    const { family, interface: via, unicastPeers, vrid, version, adverIntervalMs } = this.spec;
    const source = this.#source;
    if (source === undefined) return;
    const advert: Advertisement = {
      version,
      vrid,
      priority,
      intervalMs: adverIntervalMs,
      addresses: this.spec.addresses.map(({ address }) => address),
      authentication: this.#rules().authentication,
    };
    for (const destination of unicastPeers ?? [vrrpGroup[family]]) {
      const path = { family, source, destination };
      this.#try('AdvertNotSent', () => {
        const packet = encodeAdvertisement(advert, path, this.spec.checksum);
        this.#link.sendAdvert(via, source, destination, packet);
        this.#sent += 1;
      });
    }
  }

  #fallSilent(): void {
    this.#announcer.stop();
    this.#probeAtMs = undefined;
    this.#repairAtMs = undefined;
  }

  #probe(nowMs: number): void {
    this.#probeAtMs = nowMs + probeMs;
    this.#neighbours.probe();
  }

  #repair(nowMs: number): void {
    const missing = this.#addresses.missing();
    this.#repairAtMs = undefined;
    if (missing.length === 0) return;
    this.#repairAtMs = nowMs + repairMs;
    for (const address of missing) {
      this.#reports.trouble(
        this,
        'AddressRemoved',
        `${address.address} was taken off ${this.spec.interface} by somebody else; put back`,
      );
      this.#addresses.add([address]);
    }
    this.#announcer.again(nowMs);
  }

  /** What the machine refuses is reported, and the election goes on: it may be refused elsewhere too. */
  #try(reason: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.#reports.trouble(this, reason, describeError(error));
    }
  }

  #rules(): ReceiveRules {
    const { version, adverIntervalMs, password, unicastPeers } = this.spec;
    return {
      version,
      adverIntervalMs,
      authentication: password ? { kind: 'password', password } : { kind: 'none' },
      addresses: this.spec.addresses.map(({ address }) => address),
      unicastPeers,
      ownAddress: this.#source,
    };
  }

  #shares(advert: Advertisement): boolean {
    return this.spec.addresses.some(({ address }) => advert.addresses.includes(address));
  }

  #findFault(): string | undefined {
    return faultOf(this.spec, this.#link, this.#tracking, this.#source);
  }
}
