import { PortolanError } from '../base/index.ts';

/** `spec` of a Lease (coordination.k8s.io/v1), as leader election uses it. */
export interface LeaseRecord {
  /** '' when it was given up. */
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  /** RFC 3339 with microseconds: the API's MicroTime. */
  readonly acquireTime: string;
  readonly renewTime: string;
  /** How often it changed hands. */
  readonly leaseTransitions: number;
}

/** A record as it was read, with what a write must name so as not to overwrite another's. */
export interface HeldLease {
  readonly record: LeaseRecord;
  readonly version: string;
}

/** Where candidates meet. Writes are compare-and-swap: of two at once one fails. */
export interface LeaseLock {
  /** For messages: `Lease kube-system/portolan`. */
  readonly name: string;
  read(): Promise<HeldLease | undefined>;
  /** @throws LeaseConflict when there is one already */
  create(record: LeaseRecord): Promise<void>;
  /** @throws LeaseConflict when it is no longer at `version` */
  update(record: LeaseRecord, version: string): Promise<void>;
}

/** Somebody else wrote the lease first. */
export class LeaseConflict extends PortolanError {
  constructor(message: string, options?: ErrorOptions) {
    super('LeaseConflict', message, options);
  }
}

/** MicroTime (meta/v1): RFC 3339 with exactly six digits of a second. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
