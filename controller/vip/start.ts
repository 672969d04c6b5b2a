import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log, Meter, Problem, ProblemSink, Random } from '../base/index.ts';
import { BundleIndex } from '../bundles/index.ts';
import type { LeaseLock } from '../cluster/index.ts';
import type { ExecRunner } from '../health/index.ts';
import {
  type AddressPool,
  judgeEndpoints,
  type TrackedPlane,
  type VirtualIP,
} from '../objects/index.ts';
import type { Store } from '../store/index.ts';
import { type LeasedVirtualIPs, leaseVirtualIPs } from './objects/lease-virtual-ips.ts';
import { type NodeVirtualIP, readVirtualIP } from './objects/read-virtual-ip.ts';
import type { Track } from './objects/read-tracks.ts';
import { activeDownIntervalMs } from './election/timing.ts';
import type { SpeakerMessage } from './speaker/protocol.ts';
import { explainRival } from './speaker/rival-cause.ts';
import { type SpeakerHandle, startSpeaker } from './speaker/speaker-handle.ts';
import type { Tracking, VirtualRouterSpec, VirtualRouterStatus } from './speaker/virtual-router.ts';
import { Notifier } from './notifier.ts';
import { trackingOf } from './trackers/track-board.ts';
import { Trackers } from './trackers/trackers.ts';
import { VipMetrics } from './vip-metrics.ts';
import { witnessDelayMs } from './witness.ts';
import { Witnesses } from './witnesses.ts';

export interface VirtualIPOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: ProblemSink;
  readonly meter: Meter;
  readonly nodeName: string;
  readonly random: Random;
  /** Where nodes meet that a witness is to tell apart, by name. Absent: there is no such place. */
  readonly leaseLock?: (name: string) => LeaseLock;
  /** Runs tracking scripts and notify commands, as the daemon's user. Absent: they are refused. */
  readonly exec?: ExecRunner;
  /**
   * Whether this node serves what a plane is for, if told which Services (`namespace/name`) have a
   * healthy endpoint. Absent: nobody knows, and it counts for nothing.
   */
  readonly planeWorks?: (
    plane: TrackedPlane,
    serviceWorks: (service: string) => boolean,
  ) => boolean;
  /** The text of a file; undefined when there is none. Default: at most 64 bytes of the real one. */
  readonly readTracked?: (file: string) => Promise<string | undefined>;
  /** In place of the thread that speaks VRRP, for tests. */
  readonly speaker?: (onMessage: (message: SpeakerMessage) => void) => SpeakerHandle;
}

/** One virtual router of this node, for people. */
export interface VirtualIPStatus extends VirtualRouterStatus {
  readonly interface: string;
  readonly addresses: readonly string[];
  readonly virtualRouterID: number;
  readonly adverIntervalMs: number;
  /** How long a client waits at most when the Active Router dies and this one takes over. */
  readonly worstFailoverMs: number;
}

/** The virtual IPs of this node. Disposing says goodbye and lets the addresses go. */
export interface VirtualIPs extends AsyncDisposable {
  /**
   * Makes these all that there are, with the addresses of LoadBalancer Services that come from the
   * pools. To be called again when Nodes or Secrets change; Services are watched.
   */
  apply(objects: readonly VirtualIP[], pools?: readonly AddressPool[]): void;
  /** To be called when `planeWorks` would answer otherwise than before. */
  planesChanged(): void;
  /** As of the last second. */
  status(): readonly VirtualIPStatus[];
}

/** Starts holding virtual IPs. The thread that speaks VRRP starts with the first of them. */
export function startVirtualIPs(options: VirtualIPOptions): VirtualIPs {
  return new RunningVirtualIPs(options);
}

const nothingLeased: LeasedVirtualIPs = { virtualIPs: [], problems: [] };

interface TrackedRouter {
  readonly spec: VirtualRouterSpec;
  readonly tracks: readonly Track[];
  readonly notify: readonly string[] | undefined;
}

class RunningVirtualIPs implements VirtualIPs {
  readonly #options: VirtualIPOptions;
  readonly #log: Log;
  readonly #metrics: VipMetrics;
  readonly #bundles: BundleIndex;
  readonly #notifier: Notifier;
  readonly #trackers: Trackers;
  readonly #witnesses: Witnesses;
  #speaker: SpeakerHandle | undefined;
  #routers: ReadonlyMap<string, TrackedRouter> = new Map();
  #objects: readonly VirtualIP[] = [];
  #pools: readonly AddressPool[] = [];
  #leased: LeasedVirtualIPs = nothingLeased;
  /** As the speaker was told last, by router. */
  readonly #tracking = new Map<string, Tracking>();
  #status: readonly VirtualRouterStatus[] = [];
  #fieldProblems: readonly Problem[] = [];
  #unable: Problem | undefined;

  constructor(options: VirtualIPOptions) {
    this.#options = options;
    this.#log = options.log.child({ part: 'vip' });
    this.#metrics = new VipMetrics(options.meter);
    this.#notifier = new Notifier(options.exec, options.clock, this.#log);
    this.#trackers = new Trackers(
      { ...options, log: this.#log, serviceWorks: (service) => this.#serviceWorks(service) },
      () => this.#sendTracking(),
    );
    this.#witnesses = new Witnesses({ ...options, log: this.#log }, (request) =>
      this.#speaker?.send(request),
    );
    this.#bundles = new BundleIndex(options.store, () => {
      const leased = this.#lease();
      if (isDeepStrictEqual(leased, this.#leased)) this.#sendTracking();
      else this.#apply(leased);
    });
  }

  apply(objects: readonly VirtualIP[], pools: readonly AddressPool[] = []): void {
    this.#objects = objects;
    this.#pools = pools;
    this.#apply(this.#lease());
  }

  planesChanged(): void {
    this.#sendTracking();
  }

  #lease(): LeasedVirtualIPs {
    if (this.#pools.length === 0) return nothingLeased;
    const { nodeName, store } = this.#options;
    const nodes = store.list('Node').items.map(({ metadata }) => metadata.name);
    const services = store.list('Service').items;
    return leaseVirtualIPs(this.#pools, services, nodes.length > 0 ? nodes : [nodeName]);
  }

  #apply(leased: LeasedVirtualIPs): void {
    const { nodeName, store, leaseLock } = this.#options;
    this.#leased = leased;
    const read = [...this.#objects, ...leased.virtualIPs].map((object) =>
      readVirtualIP(
        object,
        nodeName,
        ({ namespace, name, key }) => {
          const value = store.get('Secret', namespace, name)?.data?.[key];
          return value === undefined ? undefined : Buffer.from(value, 'base64');
        },
        leaseLock !== undefined,
      ),
    );
    this.#fieldProblems = [...leased.problems, ...read.flatMap(({ problems }) => problems)];
    this.#routers = new Map(read.flatMap(routersOf));
    this.#trackers.follow([...this.#routers.values()].flatMap(({ tracks }) => tracks));
    this.#tracking.clear();
    this.#witnesses.apply(Array.from(this.#routers.values(), ({ spec }) => spec));
    if (this.#routers.size > 0 || this.#speaker) {
      this.#speaker ??= (this.#options.speaker ?? startSpeaker)((message) => this.#hear(message));
      const specs = Array.from(this.#routers.values(), ({ spec }) => spec);
      this.#speaker.send({ kind: 'apply', specs });
      this.#sendTracking();
    }
    this.#report();
  }

  status(): readonly VirtualIPStatus[] {
    return this.#status.flatMap((status) => {
      const spec = this.#routers.get(status.name)?.spec;
      if (!spec) return [];
      const { version, adverIntervalMs, vrid, witness } = spec;
      return {
        ...status,
        interface: spec.interface,
        addresses: spec.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
        virtualRouterID: vrid,
        adverIntervalMs,
        worstFailoverMs:
          activeDownIntervalMs(version, status.priority, adverIntervalMs) +
          (witness ? witnessDelayMs(witness) : 0),
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bundles[Symbol.dispose]();
    this.#trackers[Symbol.dispose]();
    await this.#speaker?.[Symbol.asyncDispose]();
    // After the goodbye: whoever gets the Lease finds the addresses free.
    await this.#witnesses[Symbol.asyncDispose]();
    await this.#notifier.idle();
  }

  #hear(message: SpeakerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#unable = undefined;
        return;
      case 'status':
        this.#status = message.report.routers;
        this.#metrics.report(message.report);
        return this.#report();
      case 'transition': {
        const { name, from, to, reason, priority } = message;
        this.#log.info(
          { virtualRouter: name, from, to, reason, priority },
          'virtual router changed',
        );
        const command = this.#routers.get(name)?.notify;
        if (command) this.#notifier.tell(command, name, to, priority);
        return;
      }
      case 'claim':
        return this.#witnesses.want(message.name, message.wanted);
      case 'rivals': {
        const { name, cause } = message;
        if (cause)
          this.#log.warn({ virtualRouter: name, cause }, 'another node holds the addresses');
        else this.#log.info({ virtualRouter: name }, 'nobody else holds the addresses any more');
        return;
      }
      case 'trouble':
        this.#log.warn({ virtualRouter: message.name, reason: message.reason }, message.message);
        return;
      case 'unable':
        this.#unable = {
          severity: 'error',
          reason: 'VirtualIPsUnavailable',
          message: `no virtual IP is held by this node: ${message.message}`,
          instead: 'run as root, or give the process CAP_NET_RAW and CAP_NET_ADMIN',
        };
        this.#log.error({ code: message.code }, message.message);
        for (const name of this.#routers.keys()) this.#witnesses.want(name, false);
        // Its thread has ended; the next `apply` tries again.
        this.#speaker = undefined;
        this.#status = [];
        this.#report();
    }
  }

  #report(): void {
    const rivals = this.#status.flatMap(({ name, rivals }) =>
      rivals.map(({ cause, peer, priority }): Problem => {
        const { message, instead } = explainRival(cause);
        const which = priority === undefined ? peer : `${peer} (priority ${priority})`;
        return {
          severity: 'error',
          reason: 'SplitBrain',
          message: `${which} ${message}`,
          instead,
          object: { kind: 'VirtualIP', namespace: '', name: name.replace(/\/IPv[46]$/, '') },
        };
      }),
    );
    const unable = this.#unable && this.#routers.size > 0 ? [this.#unable] : [];
    this.#options.problems.replace('virtual-ips', [...this.#fieldProblems, ...unable, ...rivals]);
  }

  /** What changed of it; a router that starts anew knows nothing. */
  #sendTracking(): void {
    for (const [name, { tracks }] of this.#routers) {
      if (tracks.length === 0) continue;
      const tracking = trackingOf(tracks.map((track) => this.#trackers.resultOf(track)));
      if (isDeepStrictEqual(tracking, this.#tracking.get(name))) continue;
      this.#tracking.set(name, tracking);
      this.#speaker?.send({ kind: 'track', name, tracking });
    }
  }

  #serviceWorks(service: string): boolean {
    const bundle = this.#bundles.get(service);
    if (!bundle) return false;
    const { endpoints, panic } = judgeEndpoints(bundle);
    // In a panic all endpoints fail their checks: another node may well do better.
    return !panic && endpoints.some(({ ready }) => ready);
  }
}

function routersOf({ routers, tracks, notify }: NodeVirtualIP): readonly [string, TrackedRouter][] {
  return routers.map((spec) => [spec.name, { spec, tracks, notify }]);
}
