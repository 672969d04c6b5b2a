import type {
  BoundCounter,
  BoundGauge,
  Family,
  Labels,
  Meter,
} from '../../../controller/base/index.ts';
import type { ServicePort } from '../../compile/table.ts';

/** Why a client got nothing. A closed set: it is a label. */
export type RejectReason =
  | 'no-endpoint'
  | 'connect-failed'
  | 'resources'
  | 'outside-source-ranges'
  | 'session-limit'
  | 'queue-full';

/** The plane's metric families; one series per Service port, so bounded by the Services. */
export interface PortMetricFamilies {
  readonly connections: Family<BoundCounter>;
  readonly active: Family<BoundGauge>;
  readonly received: Family<BoundCounter>;
  readonly sent: Family<BoundCounter>;
  readonly connectFailures: Family<BoundCounter>;
  readonly retries: Family<BoundCounter>;
  readonly rejected: Family<BoundCounter>;
}

const labelNames = ['service', 'port', 'protocol', 'family'];

/** Asks `meter` for every family of the plane. */
export function portMetricFamilies(meter: Meter): PortMetricFamilies {
  const counter = (name: string, help: string): Family<BoundCounter> =>
    meter.counter({ name, help, labelNames });
  return {
    connections: counter(
      'portolan_l4_connections_total',
      'Connections, and UDP sessions, that clients opened.',
    ),
    active: meter.gauge({
      name: 'portolan_l4_connections_active',
      help: 'Connections and UDP sessions open now.',
      labelNames,
    }),
    received: counter('portolan_l4_received_bytes_total', 'Payload bytes from clients.'),
    sent: counter('portolan_l4_sent_bytes_total', 'Payload bytes to clients.'),
    connectFailures: counter(
      'portolan_l4_connect_failures_total',
      'Endpoints that refused, or did not answer in time.',
    ),
    retries: counter('portolan_l4_connect_retries_total', 'Second and later endpoints tried.'),
    rejected: meter.counter({
      name: 'portolan_l4_rejected_total',
      help: 'Clients that were turned away.',
      labelNames: [...labelNames, 'reason'],
    }),
  };
}

interface BoundSeries {
  readonly connections: BoundCounter;
  readonly active: BoundGauge;
  readonly received: BoundCounter;
  readonly sent: BoundCounter;
}

/** The series of one Service port, bound when it first sees traffic: most of many never do. */
export class PortMetrics {
  readonly #families: PortMetricFamilies;
  readonly #labels: Labels;
  #rejected: Map<RejectReason, BoundCounter> | undefined = undefined;
  #series: BoundSeries | undefined = undefined;
  #connectFailures: BoundCounter | undefined = undefined;
  #retries: BoundCounter | undefined = undefined;

  constructor(families: PortMetricFamilies, port: ServicePort) {
    this.#families = families;
    this.#labels = {
      service: `${port.namespace}/${port.name}`,
      port: port.portName || String(port.port),
      protocol: port.protocol,
      family: port.family,
    };
  }

  opened(): void {
    const { connections, active } = this.#bound();
    connections.inc();
    active.add(1);
  }

  closed(): void {
    this.#bound().active.add(-1);
  }

  moved(receivedBytes: number, sentBytes: number): void {
    const { received, sent } = this.#bound();
    if (receivedBytes > 0) received.inc(receivedBytes);
    if (sentBytes > 0) sent.inc(sentBytes);
  }

  connectFailed(): void {
    this.#connectFailures ??= this.#families.connectFailures.bind(this.#labels);
    this.#connectFailures.inc();
  }

  retried(): void {
    this.#retries ??= this.#families.retries.bind(this.#labels);
    this.#retries.inc();
  }

  rejected(reason: RejectReason): void {
    this.#rejected ??= new Map();
    let counter = this.#rejected.get(reason);
    if (!counter) {
      counter = this.#families.rejected.bind({ ...this.#labels, reason });
      this.#rejected.set(reason, counter);
    }
    counter.inc();
  }

  /** Forgets the series: the Service port is gone and so is its last session. */
  unbind(): void {
    const { rejected, ...others } = this.#families;
    for (const family of Object.values(others)) family.unbind(this.#labels);
    for (const reason of this.#rejected?.keys() ?? []) {
      rejected.unbind({ ...this.#labels, reason });
    }
    this.#rejected = undefined;
    this.#series = undefined;
    this.#connectFailures = undefined;
    this.#retries = undefined;
  }

  #bound(): BoundSeries {
    this.#series ??= {
      connections: this.#families.connections.bind(this.#labels),
      active: this.#families.active.bind(this.#labels),
      received: this.#families.received.bind(this.#labels),
      sent: this.#families.sent.bind(this.#labels),
    };
    return this.#series;
  }
}
