import type { BoundCounter, BoundGauge, Family, Meter } from '../base/index.ts';
import type { SpeakerReport } from './speaker/protocol.ts';
import type { VirtualRouterStatus } from './speaker/virtual-router.ts';

const states = ['initialize', 'backup', 'active', 'retiring', 'fault'] as const;

/** Metrics of virtual routers. Labels come from our own objects, and from fixed words. */
export class VipMetrics {
  readonly #state: Family<BoundGauge>;
  readonly #rivals: Family<BoundGauge>;
  readonly #transitions: Family<BoundCounter>;
  readonly #sent: Family<BoundCounter>;
  readonly #received: Family<BoundCounter>;
  readonly #dropped: Family<BoundCounter>;
  readonly #lateness: BoundGauge;
  readonly #seen = new Map<string, VirtualRouterStatus>();
  #malformed: Readonly<Record<string, number>> = {};
  #unknown = 0;

  constructor(meter: Meter) {
    const labelNames = ['virtual_router'];
    this.#state = meter.gauge({
      name: 'portolan_vip_state',
      help: 'Whether a virtual router is in a state (1) or not (0).',
      labelNames: [...labelNames, 'state'],
    });
    this.#rivals = meter.gauge({
      name: 'portolan_vip_rivals',
      help: 'Others that hold the addresses of a virtual router too, as seen from here.',
      labelNames,
    });
    this.#transitions = meter.counter({
      name: 'portolan_vip_transitions_total',
      help: 'Changes of state.',
      labelNames,
    });
    this.#sent = meter.counter({
      name: 'portolan_vip_adverts_sent_total',
      help: 'VRRP advertisements sent.',
      labelNames,
    });
    this.#received = meter.counter({
      name: 'portolan_vip_adverts_received_total',
      help: 'VRRP advertisements received that counted.',
      labelNames,
    });
    this.#dropped = meter.counter({
      name: 'portolan_vip_adverts_dropped_total',
      help: 'VRRP packets that did not count, by reason; those of no virtual router here have none.',
      labelNames: [...labelNames, 'reason'],
    });
    this.#lateness = meter
      .gauge({
        name: 'portolan_vip_advert_lateness_seconds',
        help: 'The largest lateness of an advertisement in the last second.',
      })
      .bind();
  }

  report({ routers, counts, maxLatenessMs }: SpeakerReport): void {
    this.#lateness.set(maxLatenessMs / 1000);
    for (const router of routers) this.#router(router);
    const names = new Set(routers.map(({ name }) => name));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#forget(name);
    this.#drops('', this.#malformed, counts.malformed);
    this.#malformed = counts.malformed;
    const labels = { virtual_router: '', reason: 'unknown-virtual-router' };
    this.#dropped.bind(labels).inc(Math.max(0, counts.unknownRouters - this.#unknown));
    this.#unknown = counts.unknownRouters;
  }

  #router(router: VirtualRouterStatus): void {
    const before = this.#seen.get(router.name);
    const labels = { virtual_router: router.name };
    for (const state of states) {
      this.#state.bind({ ...labels, state }).set(router.state === state ? 1 : 0);
    }
    this.#rivals.bind(labels).set(router.rivals.length);
    const grown = (counter: 'transitions' | 'advertsSent' | 'advertsReceived'): number =>
      // A router whose configuration changed counts from 0 again.
      Math.max(0, router[counter] - (before?.[counter] ?? 0));
    this.#transitions.bind(labels).inc(grown('transitions'));
    this.#sent.bind(labels).inc(grown('advertsSent'));
    this.#received.bind(labels).inc(grown('advertsReceived'));
    this.#drops(router.name, before?.dropped ?? {}, router.dropped);
    this.#seen.set(router.name, router);
  }

  #drops(
    name: string,
    before: Readonly<Record<string, number>>,
    now: Readonly<Record<string, number>>,
  ): void {
    for (const [reason, count] of Object.entries(now)) {
      const grown = Math.max(0, count - (before[reason] ?? 0));
      if (grown > 0) this.#dropped.bind({ virtual_router: name, reason }).inc(grown);
    }
  }

  #forget(name: string): void {
    const labels = { virtual_router: name };
    for (const state of states) this.#state.unbind({ ...labels, state });
    for (const family of [this.#rivals, this.#transitions, this.#sent, this.#received]) {
      family.unbind(labels);
    }
    const dropped = this.#seen.get(name)?.dropped ?? {};
    for (const reason of Object.keys(dropped)) this.#dropped.unbind({ ...labels, reason });
    this.#seen.delete(name);
  }
}
