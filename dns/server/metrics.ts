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
  readonly #where: Labels;
  readonly #panics: BoundCounter;
  readonly #requests: Counters;
  readonly #responses: Counters;
  readonly #dnssecOk: BoundCounter;
  readonly #duration: BoundHistogram;
  readonly #sizes: Readonly<
    Record<Transport, { request: BoundHistogram; response: BoundHistogram }>
  >;

  /** `server`: `dns://127.0.0.1:53`. There is one server block, hence one zone and no view. */
  constructor(meter: Meter, server: string) {
    this.#where = { server, zone: '.', view: '' };
    const labels = ['server', 'zone', 'view'];
    this.#panics = meter
      .counter({ name: 'coredns_panics_total', help: 'Faults while a query was answered.' })
      .bind();
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
      .bind(this.#where);
    this.#duration = meter
      .histogram({
        name: 'coredns_dns_request_duration_seconds',
        help: 'Time from a query to its reply.',
        labelNames: labels,
        buckets: durationBuckets,
      })
      .bind(this.#where);
    this.#sizes = { udp: this.#bindSizes(meter, 'udp'), tcp: this.#bindSizes(meter, 'tcp') };
  }

  served(served: Served): void {
    const { transport, family, type, rcode, plugin } = served;
    const named = namedTypes.has(type);
    const label = named ? type : 0;
    this.#requests.inc(label * 4 + (transport === 'tcp' ? 2 : 0) + (family === 6 ? 1 : 0), () => ({
      ...this.#where,
      proto: transport,
      family: family === 6 ? '2' : '1',
      type: named ? formatType(type) : 'other',
    }));
    this.#countResponse(plugin, rcode);
    if (served.dnssecOk) this.#dnssecOk.inc();
    this.#duration.observe(served.durationMs / 1000);
    this.#sizes[transport].request.observe(served.requestOctets);
    this.#sizes[transport].response.observe(served.responseOctets);
  }

  /** A message that was answered with its header alone. */
  rejected(rcode: number): void {
    this.#countResponse('', rcode);
  }

  panicked(): void {
    this.#panics.inc();
  }

  #countResponse(plugin: string, rcode: number): void {
    this.#responses.inc(`${plugin} ${rcode}`, () => ({
      ...this.#where,
      rcode: formatRcode(rcode),
      plugin,
    }));
  }

  #bindSizes(
    meter: Meter,
    proto: Transport,
  ): { request: BoundHistogram; response: BoundHistogram } {
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
