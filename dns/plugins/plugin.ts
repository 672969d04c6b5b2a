import type {
  Clock,
  ListenAddress,
  Log,
  Meter,
  ProblemSink,
  Random,
} from '../../controller/base/index.ts';
import type { Edns, EdnsOption, Name, ResourceRecord } from '../wire/index.ts';
import type { ForwardParts } from './forward/parts.ts';
import type { ZoneIndex } from './kubernetes/zone-index.ts';

/** How a query came, which is also how big its reply may be. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'https';

/** One question on its way down the chain. */
export interface Query {
  /** As asked, case and all: the owner of what is answered. */
  readonly name: Name;
  /** The same in lower case: what is looked up. */
  readonly lower: Name;
  readonly type: number;
  readonly class: number;
  readonly transport: Transport;
  readonly client: { readonly address: string; readonly port: number };
  /** Where the client sent it; undefined: it was made inside. */
  readonly server?: { readonly host: string; readonly port: number } | undefined;
  /** The client's address is its own: it sent a server cookie that was given to it. */
  readonly verified?: boolean;
  readonly recursionDesired: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly edns: Edns | undefined;
  /** Lookups that led here from inside the server; 0 for a client's own question. */
  readonly depth: number;
  /** Of the message that it came in, for logs. */
  readonly message: {
    readonly id: number;
    readonly opcode: number;
    readonly octets: number;
    /** The serial that an IXFR says it has. */
    readonly ixfrSerial?: number | undefined;
  };
}

/**
 * For how long the octets of a reply answer the same octets again: until an object changes (that
 * Service, or any when none is named), or until a moment of the monotonic clock.
 */
export type Reuse =
  | { readonly kind: 'table'; readonly service: string | undefined }
  | { readonly kind: 'until'; readonly atMs: number };

/** What a plugin answers. Header fields and OPT that follow from the query are the server's. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  /** Undefined: as the query has it. */
  readonly recursionDesired?: boolean;
  readonly authenticData: boolean;
  readonly truncated: boolean;
  /** The largest UDP message that this reply may become; undefined: the server's own limit. */
  readonly udpLimitOctets?: number;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** Answers of messages that go ahead of this one: a zone transfer, over a stream. */
  readonly ahead?: readonly (readonly ResourceRecord[])[];
  /** Sent to clients that speak EDNS. */
  readonly options: readonly EdnsOption[];
  /** Which plugin wrote it, for metrics. */
  readonly plugin: string;
  /** Undefined: this reply is good once. */
  readonly reuse?: Reuse | undefined;
  /** No reply is sent at all. */
  readonly silent?: boolean;
  /** Told how long the message became, once it is sent. */
  readonly onSent?: ((octets: number) => void) | undefined;
}

/** A value now, or later: answers from memory should not pay for a promise. */
export type Eventually<T> = T | Promise<T>;

/** Gives the query to the rest of the chain. */
export type Next = (query: Query) => Eventually<Reply>;

/** Answers, or asks `next` and passes on what comes back, changed or not. */
export type Handler = (query: Query, next: Next) => Eventually<Reply>;

/** What every plugin is given. */
export interface PluginContext {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly problems: ProblemSink;
  readonly random: Random;
  /** Names the server block in metrics: `dns://:53`. */
  readonly server: string;
  /** Zones of the server block. */
  readonly zones: readonly Name[];
  /** The cluster's names, the same for every block. */
  readonly cluster: ZoneIndex;
  /** How other resolvers are reached. */
  readonly forwarding: ForwardParts;
  /** Takes back every reply that was good for more than once. */
  readonly forgetReplies: () => void;
  /** Every plugin of the server block, in the order of the chain. */
  readonly siblings: () => readonly Plugin[];
  /** Asks the whole chain, from its top: for names that an answer leads to. */
  readonly resolve: Next;
  /** Where this server listens now. */
  readonly listening: () => readonly ListenAddress[];
}

/** A plugin at work. Disposing ends what it has open and under way. */
export interface Plugin extends AsyncDisposable {
  readonly name: string;
  readonly handle: Handler;
  /**
   * True when what it does with a query depends on the query's octets alone, and on what
   * `forgetReplies` is called for: a reply that came through it may be used again.
   */
  readonly repeatable?: boolean;
  /** Called before the first query. Never rejects. */
  start?(): Promise<void>;
  /**
   * How to read a zone that is this plugin's (lower case): SOA first and last. Undefined: it has
   * no such zone.
   */
  readonly transfer?: (zone: Name) => (() => readonly ResourceRecord[]) | undefined;
  /** Sentences on what it has for a query, for `portolan explain`. */
  readonly explain?: (query: Query) => readonly string[];
  /** False: not to be counted on yet. */
  ready?(): boolean;
}

/** More than any chain of names needs; stops names that lead back to themselves. */
export const maxDepth = 10;
