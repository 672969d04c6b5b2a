import { isDeepStrictEqual } from 'node:util';
import type { IPFamily } from '../../objects/index.ts';
import type { Link, LinkListener, LinkUse, ReceivedPacket } from '../link/link.ts';
import { decodeAdvertisement } from '../wire/advertisement.ts';
import { decodeArp } from '../wire/arp.ts';
import { vrrpGroup } from '../link/groups.ts';
import { decodeNeighbourAdvertisement } from '../wire/neighbour.ts';
import { RouterRunner, type RunnerReports } from './router-runner.ts';
import { SyncGroup } from './sync-group.ts';
import type {
  RivalCause,
  Tracking,
  VirtualRouterSpec,
  VirtualRouterState,
  VirtualRouterStatus,
} from './virtual-router.ts';

/** Where a speaker tells what happens, each time with the router as it is then. */
export interface SpeakerReports {
  transition(router: VirtualRouterStatus, from: VirtualRouterState, reason: string): void;
  /** A router with a witness asks for leave, or has it; false: it needs none any more. */
  claim(router: VirtualRouterStatus, wanted: boolean): void;
  /** A rival came (`cause`), or all went (undefined). */
  rivals(router: VirtualRouterStatus, cause: RivalCause | undefined): void;
  /** Something that the machine refused, or that somebody else did to our addresses. */
  trouble(router: VirtualRouterStatus, reason: string, message: string): void;
}

/** Counts what belongs to no router of ours. */
export interface SpeakerCounts {
  readonly malformed: Readonly<Record<string, number>>;
  /** Adverts for virtual routers that are not configured here. */
  readonly unknownRouters: number;
}

/**
 * All virtual routers of this node on one link. Knows no sockets and no clock: whoever drives it
 * hands over what was heard, and the time, and calls `run` when `nextMs` has come.
 */
export class Speaker implements LinkListener {
  readonly #link: Link;
  readonly #now: () => number;
  readonly #reports: RunnerReports;
  readonly #routers = new Map<string, RouterRunner>();
  #byWire = new Map<string, RouterRunner>();
  #groups = new Map<string, SyncGroup>();
  readonly #malformed: Record<string, number> = {};
  #unknownRouters = 0;

  constructor(link: Link, now: () => number, reports: SpeakerReports) {
    this.#link = link;
    this.#now = now;
    this.#reports = {
      askClaim: (runner) => this.#groupOf(runner)?.asked(this.#now()),
      claim: (runner, wanted) => reports.claim(runner.status(), wanted),
      rivals: (runner, cause) => reports.rivals(runner.status(), cause),
      trouble: (runner, reason, message) => reports.trouble(runner.status(), reason, message),
      transition: (runner, from, reason) => {
        reports.transition(runner.status(), from, reason);
        this.#groupOf(runner)?.moved(runner, this.#now());
      },
    };
  }

  /**
   * Makes `specs` the routers of this node. What is unchanged goes on undisturbed. `listen` is
   * called when `uses` has its new value, before new routers start: they may send at once.
   */
  apply(specs: readonly VirtualRouterSpec[], listen: () => void): void {
    const nowMs = this.#now();
    const wanted = new Map(specs.map((spec) => [spec.name, spec]));
    for (const [name, runner] of this.#routers) {
      if (isDeepStrictEqual(wanted.get(name), runner.spec)) continue;
      this.#routers.delete(name);
      runner.stop(nowMs);
    }
    const added: RouterRunner[] = [];
    for (const [name, spec] of wanted) {
      if (this.#routers.has(name)) continue;
      const runner = new RouterRunner(spec, this.#link, this.#reports);
      this.#routers.set(name, runner);
      added.push(runner);
    }
    this.#index();
    listen();
    for (const runner of added) runner.start(nowMs);
    for (const group of this.#groups.values()) group.refresh(nowMs);
  }

  /** What the link has to listen on. */
  uses(): readonly LinkUse[] {
    const uses = new Map<string, LinkUse>();
    for (const { spec } of this.#routers.values()) {
      const families = new Set<IPFamily>([spec.family]);
      for (const { address } of spec.excludedAddresses) {
        families.add(address.includes(':') ? 'IPv6' : 'IPv4');
      }
      for (const family of families) {
        uses.set(`${spec.interface} ${family}`, { interface: spec.interface, family });
      }
    }
    return [...uses.values()];
  }

  track(name: string, tracking: Tracking): void {
    this.#routers.get(name)?.track(tracking, this.#now());
  }

  /** The witness gives a router leave to be Active until then, in monotonic milliseconds. */
  grant(name: string, untilMs: number): void {
    this.#routers.get(name)?.grant(untilMs, this.#now());
  }

  /** The witness takes its leave back. */
  revoke(name: string, reason: string): void {
    this.#routers.get(name)?.revoke(this.#now(), reason);
  }

  packet(packet: ReceivedPacket): void {
    const decoded = decodeAdvertisement(packet.payload, packet);
    const { family, interface: via } = packet;
    if (decoded.kind === 'malformed') {
      this.#malformed[decoded.reason] = (this.#malformed[decoded.reason] ?? 0) + 1;
      return;
    }
    const { advert, form } = decoded;
    const multicast = packet.destination === vrrpGroup[family];
    const from = { source: packet.source, ttl: packet.ttl, multicast };
    const nowMs = this.#now();
    const runner = this.#byWire.get(wireKey(via, family, advert.vrid));
    if (runner) {
      runner.peerForm(form);
      runner.hear(advert, from, nowMs);
      return;
    }
    this.#unknownRouters += 1;
    // A forged or routed packet must not tell us anything about our own network.
    if (multicast && packet.ttl !== 255) return;
    for (const one of this.#routers.values()) {
      if (one.spec.interface === via && one.spec.family === family) {
        one.hearStranger(advert, from, nowMs);
      }
    }
  }

  frame(via: LinkUse, frame: Uint8Array): void {
    const arp = via.family === 'IPv4' ? decodeArp(frame) : undefined;
    const neighbour = via.family === 'IPv6' ? decodeNeighbourAdvertisement(frame) : undefined;
    const address = arp?.sender ?? neighbour?.target;
    const mac = arp?.senderMac ?? neighbour?.senderMac;
    const own = this.#link.interface(via.interface)?.mac;
    if (!address || !mac || !own || Buffer.compare(mac, own) === 0) return;
    for (const runner of this.#routers.values()) {
      if (runner.spec.interface === via.interface && runner.holds(address)) {
        runner.hearHolder(Buffer.from(mac).toString('hex').replace(/..\B/g, '$&:'), this.#now());
      }
    }
  }

  interfacesChanged(): void {
    const nowMs = this.#now();
    for (const runner of this.#routers.values()) runner.refresh(nowMs);
    for (const group of this.#groups.values()) group.refresh(nowMs);
  }

  /** When `run` has something to do next. Monotonic milliseconds; infinite: never. */
  nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const runner of this.#routers.values()) next = Math.min(next, runner.nextMs());
    return next;
  }

  /** Does what is due. To be called after everything that waits was handed over. */
  run(): void {
    const nowMs = this.#now();
    for (const runner of this.#routers.values()) if (runner.nextMs() <= nowMs) runner.run(nowMs);
  }

  /** Says goodbye for every router; addresses go as successors are heard. */
  retire(): void {
    for (const runner of this.#routers.values()) runner.retire(this.#now());
  }

  /** True once nothing is held after `retire`. */
  get retired(): boolean {
    return [...this.#routers.values()].every(({ state }) => state.kind !== 'retiring');
  }

  /** Says goodbye for every router and lets go at once. */
  stop(): void {
    this.apply([], () => {});
  }

  status(): readonly VirtualRouterStatus[] {
    return Array.from(this.#routers.values(), (runner) => runner.status());
  }

  counts(): SpeakerCounts {
    return { malformed: { ...this.#malformed }, unknownRouters: this.#unknownRouters };
  }

  /** The largest lateness of an advert since the last call, in milliseconds. */
  takeLatenessMs(): number {
    let latest = 0;
    for (const runner of this.#routers.values()) latest = Math.max(latest, runner.takeLatenessMs());
    return latest;
  }

  #groupOf(runner: RouterRunner): SyncGroup | undefined {
    const { syncGroup } = runner.spec;
    return syncGroup === undefined ? undefined : this.#groups.get(syncGroup);
  }

  #index(): void {
    const runners = [...this.#routers.values()];
    this.#byWire = new Map(
      runners.map((one) => [wireKey(one.spec.interface, one.spec.family, one.spec.vrid), one]),
    );
    const grouped = Map.groupBy(runners, ({ spec }) => spec.syncGroup);
    this.#groups = new Map();
    for (const [name, members] of grouped) {
      if (name !== undefined) this.#groups.set(name, new SyncGroup(members));
    }
  }
}

function wireKey(via: string, family: IPFamily, vrid: number): string {
  return `${via} ${family} ${vrid}`;
}
