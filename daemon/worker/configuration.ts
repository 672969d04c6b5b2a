import type { ZoneNeed } from '../../dns/server/plan.ts';
import type { DnsUpstreams, HostPort } from '../config/index.ts';

/** What a worker needs to know, all of it plain data. */
export interface WorkerConfiguration {
  /** From 1: names the worker in logs and metrics. */
  readonly id: number;
  /** Limits of clients are counted by the main process, for all workers together. */
  readonly sharedLimits: boolean;
  /** Other workers listen on the same addresses. */
  readonly reusePort: boolean;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
  /** False: L4 is programmed elsewhere or not at all. */
  readonly l4: { readonly nodePortAddresses: readonly string[] } | undefined;
  readonly dns:
    | {
        readonly listen: HostPort;
        /** Addresses served on the same port. */
        readonly local: readonly string[];
        /** Takes the place of what follows. */
        readonly corefile: string | undefined;
        readonly clusterDomain: string;
        readonly upstreams: DnsUpstreams;
        /** What tables hold beyond what every Corefile reads. */
        readonly zoneNeeds: readonly ZoneNeed[];
        /** 16 octets in hex that all workers share, so that each knows the others' cookies. */
        readonly cookieSecret: string;
      }
    | undefined;
  readonly ingress:
    | {
        readonly engine: 'compat' | 'wire';
        readonly trustedProxies: readonly string[];
        readonly proxyProtocol: boolean;
        readonly traceContext: boolean;
        readonly accessLog: boolean;
        readonly accessLogFormat: 'json' | 'combined' | 'upstreaminfo';
        /** From 0 to 1. */
        readonly accessLogSample: number;
        /** With what all workers share, so that each resumes the others' sessions. */
        readonly tls: {
          readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
          readonly ciphers?: string;
          readonly ticketKeys: Uint8Array;
        };
        readonly http: HostPort | undefined;
        readonly https: HostPort | undefined;
      }
    | undefined;
}

/** What is the same for all workers. */
export type SharedWorkerConfiguration = Omit<
  WorkerConfiguration,
  'id' | 'reusePort' | 'sharedLimits'
>;
