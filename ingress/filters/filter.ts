import type { Clock, Log, Random } from '../../controller/base/index.ts';
import type { BodyPieces } from '../http1/index.ts';
import type { FilterConfig, FilterKind } from './config.ts';
import type { FilteredRequest, FilteredResponse } from './filtered.ts';
import type { HttpAsk } from './http-ask.ts';
import type { LimitStore } from './limits/limit-store.ts';

/** An answer that no endpoint gave. */
export interface OwnAnswer {
  readonly status: number;
  /** Besides those that every answer has. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Default: one line of plain text that names the status. */
  readonly body?: { readonly type: string; readonly text: string };
  /** Nothing more is read from this client's connection. */
  readonly closes?: boolean;
  /** For the access log: why, in one word. */
  readonly reason: string;
}

/** Undefined: the request goes on, with whatever the filter changed about it. */
export type RequestVerdict = OwnAnswer | undefined;

/** Undefined: the response goes on. Otherwise a pool is asked for one to send in its place. */
export type ResponseVerdict =
  | {
      /** `Pool.key`. */
      readonly pool: string;
      /** For a GET with this target and these fields, and no body. */
      readonly target: string;
      readonly fields: readonly (readonly [name: string, value: string])[];
      /** Sent with that response instead of its own. */
      readonly status: number;
    }
  | undefined;

/** What became of a request. */
export interface RequestResult {
  /** 499: the client left before the response began. */
  readonly status: number;
  readonly seconds: number;
}

/**
 * What a route does to its requests beyond delivering them. Made once for each route that asks for
 * it and kept until the route changes; so what has to outlive that is kept elsewhere.
 */
export interface Filter {
  /** Sees a request before an endpoint is chosen; a promise holds the request up meanwhile. */
  request?(request: FilteredRequest): RequestVerdict | Promise<RequestVerdict>;
  /** Sees each part of the request's body as it passes. `bytes` are valid during the call alone. */
  requestBody?(request: FilteredRequest, bytes: Buffer, body: BodyPieces): void;
  /** Sees the head of a response, or of an answer of our own, before it is sent. */
  response?(response: FilteredResponse, request: FilteredRequest): ResponseVerdict;
  /** Called once for each request that `request` saw. */
  end?(result: RequestResult, request: FilteredRequest): void;
}

/** What filters may use. */
export interface FilterContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Port that clients know https by. */
  readonly httpsPort: () => number;
  /** `address:port` of each endpoint that a pool has now; none for a pool that is not there. */
  readonly endpointsOf: (pool: string) => readonly string[];
  /** Asks servers that are no endpoints: authentication services, mirrors. */
  readonly http: HttpAsk;
  /** Counts that limits compare with, of all workers together. */
  readonly limits: LimitStore;
}

/** How a kind of filter is made. */
export interface FilterDefinition<K extends FilterKind> {
  /** It decides who may pass: where it cannot run, nobody may. */
  readonly isAccessControl: boolean;
  create(config: FilterConfig<K>, context: FilterContext): Filter;
}
