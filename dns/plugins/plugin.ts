import type { Clock, ListenAddress, Log, Meter, ProblemSink } from '../../controller/base/index.ts';
import type { Edns, EdnsOption, Name, ResourceRecord } from '../wire/index.ts';

/** How a query came, which is also how big its reply may be. */
export type Transport = 'udp' | 'tcp';

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
  readonly recursionDesired: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly edns: Edns | undefined;
  /** Lookups that led here from inside the server; 0 for a client's own question. */
  readonly depth: number;
}

/** What a plugin answers. Header fields and OPT that follow from the query are the server's. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** Sent to clients that speak EDNS. */
  readonly options: readonly EdnsOption[];
  /** Which plugin wrote it, for metrics. */
  readonly plugin: string;
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
  /** Asks the whole chain, from its top: for names that an answer leads to. */
  readonly resolve: Next;
  /** Where this server listens now. */
  readonly listening: () => readonly ListenAddress[];
}

/** A plugin at work. Disposing ends what it has open and under way. */
export interface Plugin extends AsyncDisposable {
  readonly name: string;
  readonly handle: Handler;
}

/** More than any chain of names needs; stops names that lead back to themselves. */
export const maxDepth = 10;
