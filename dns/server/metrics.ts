import type {
  BoundCounter,
  BoundHistogram,
  Family,
  Labels,
  Meter,
} from '../../controller/base/index.ts';
import type { Transport } from '../plugins/plugin.ts';
import { formatRcode, formatType, recordType } from '../wire/index.ts';

/** 0.25 ms × 2ⁿ, as CoreDNS has it. */
const durationBuckets = Array.from({ length: 16 }, (_, n) => 0.00025 * 2 ** n);
/** Octets, up to the largest TCP message. */
const sizeBuckets = [
  0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000,
];

/** Types that get a label of their own; the rest are `other`, so that nobody can invent series. */
const namedTypes: ReadonlySet<number> = new Set(Object.values(recordType));

/** One query and what became of it. */
export interface Served {
  /** Zone of the server block; `dropped` when none serves the name. */
  readonly zone: string;
  /** Name of its view; '' when it has none. */
  readonly view: string;
  readonly transport: Transport;
  readonly family: 4 | 6;
  readonly type: number;
  readonly rcode: number;
  /** Which plugin wrote the reply; '' for the server itself. */
  readonly plugin: string;
  readonly dnssecOk: boolean;
  readonly requestOctets: number;
  readonly responseOctets: number;
  readonly durationMs: number;
}

/** What CoreDNS dashboards and alerts read, under the same names, for one listening address. */
export class ServerMetrics {
  readonly #meter: Meter;
  readonly #server: string;
  readonly #panics: BoundCounter;
  readonly #zones: Map<string, ZoneMetrics> = new Map();

  /** `server`: `dns://127.0.0.1:53`. */
  constructor(meter: Meter, server: string) {
    this.#meter = meter;
    this.#server = server;
    this.#panics = meter
      .counter({ name: 'coredns_panics_total', help: 'Faults while a query was answered.' })
      .bind();
  }

  served(served: Served): void {
    this.#zone(served.zone, served.view).served(served);
  }

  /** The same query again, that now took `durationMs`. */
  servedAgain(served: Served, durationMs: number): void {
    this.#zone(served.zone, served.view).served(served, durationMs);
  }

  /** A message that was answered with its header alone. */
  rejected(rcode: number): void {
    this.#zone('dropped', '').countResponse('', rcode);
  }

  panicked(): void {
    this.#panics.inc();
  }

  /** Zones and views are those of the configuration: a closed set. */
  #zone(zone: string, view: string): ZoneMetrics {
    // Neither holds a blank, and most blocks have no view: no string is made for these.
    const key = view === '' ? zone : `${zone} ${view}`;
    let found = this.#zones.get(key);
    if (!found) {
      found = new ZoneMetrics(this.#meter, { server: this.#server, zone, view });
      this.#zones.set(key, found);
    }
    return found;
  }
}

/** CoreDNS knows UDP and TCP here, and counts streams of any kind as TCP. */
type Proto = 'udp' | 'tcp';

class ZoneMetrics {
  readonly #where: Labels;
  readonly #requests: Counters;
  readonly #responses: Counters;
  readonly #dnssecOk: BoundCounter;
  readonly #duration: BoundHistogram;
  readonly #sizes: Readonly<Record<Proto, { request: BoundHistogram; response: BoundHistogram }>>;

  constructor(meter: Meter, where: Labels) {
    this.#where = where;
    const labels = ['server', 'zone', 'view'];
    this.#requests = new Counters(
      meter.counter({
        name: 'coredns_dns_requests_total',
        help: 'Queries by type.',
        labelNames: [...labels, 'proto', 'family', 'type'],
      }),
    );
    this.#responses = new Counters(
      meter.counter({
        name: 'coredns_dns_responses_total',
        help: 'Replies by rcode and the plugin that wrote them.',
        labelNames: [...labels, 'rcode', 'plugin'],
      }),
    );
    this.#dnssecOk = meter
      .counter({
        name: 'coredns_dns_do_requests_total',
        help: 'Queries with the DO bit.',
        labelNames: labels,
      })
      .bind(where);
    this.#duration = meter
      .histogram({
        name: 'coredns_dns_request_duration_seconds',
        help: 'Time from a query to its reply.',
        labelNames: labels,
        buckets: durationBuckets,
      })
      .bind(where);
    this.#sizes = { udp: this.#bindSizes(meter, 'udp'), tcp: this.#bindSizes(meter, 'tcp') };
  }

  served(served: Served, durationMs: number = served.durationMs): void {
    const { family, type, rcode, plugin } = served;
    const proto = served.transport === 'udp' ? 'udp' : 'tcp';
    const named = namedTypes.has(type);
    const label = named ? type : 0;
    this.#requests.inc(label * 4 + (proto === 'tcp' ? 2 : 0) + (family === 6 ? 1 : 0), () => ({
      ...this.#where,
      proto,
      family: family === 6 ? '2' : '1',
      type: named ? formatType(type) : 'other',
    }));
    this.countResponse(plugin, rcode);
    if (served.dnssecOk) this.#dnssecOk.inc();
    this.#duration.observe(durationMs / 1000);
    this.#sizes[proto].request.observe(served.requestOctets);
    this.#sizes[proto].response.observe(served.responseOctets);
  }

  countResponse(plugin: string, rcode: number): void {
    this.#responses.inc(`${plugin} ${rcode}`, () => ({
      ...this.#where,
      rcode: formatRcode(rcode),
      plugin,
    }));
  }

  #bindSizes(meter: Meter, proto: Proto): { request: BoundHistogram; response: BoundHistogram } {
    const bind = (what: 'request' | 'response'): BoundHistogram =>
      meter
        .histogram({
          name: `coredns_dns_${what}_size_bytes`,
          help: `Size of a ${what} in octets.`,
          labelNames: ['server', 'zone', 'view', 'proto'],
          buckets: sizeBuckets,
        })
        .bind({ ...this.#where, proto });
    return { request: bind('request'), response: bind('response') };
  }
}

/** Binds each series once: building labels costs more than answering. */
class Counters {
  readonly #family: Family<BoundCounter>;
  readonly #bound: Map<string | number, BoundCounter> = new Map();

  constructor(family: Family<BoundCounter>) {
    this.#family = family;
  }

  /** `key` stands for the labels, a closed set. */
  inc(key: string | number, labels: () => Labels): void {
    let counter = this.#bound.get(key);
    if (!counter) {
      counter = this.#family.bind(labels());
      this.#bound.set(key, counter);
    }
    counter.inc();
  }
}
