import type { Route, RouteBackend } from '../compile/table.ts';
import type { ClientCertificate } from '../tls/index.ts';
import type { ClientIdentity } from '../engines/shared/client-identity.ts';
import { FieldEdits, type HeadFields, type RequestHead } from '../http1/index.ts';

/** What is known of a request when its filters begin. */
export interface RequestFacts {
  readonly route: Route;
  /** As the client sent it. */
  readonly head: RequestHead;
  readonly client: ClientIdentity;
  /** Undefined: it was not asked for one. */
  readonly clientCertificate: ClientCertificate | undefined;
  readonly requestId: string;
  /** Normalised, without query: what the route was chosen by. */
  readonly path: string;
  /** The target that endpoints get, unless a filter has another. */
  readonly target: string;
}

/** A request on its way through filters: what it is, and what they make of it. */
export class FilteredRequest {
  readonly route: Route;
  readonly head: RequestHead;
  readonly client: ClientIdentity;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly requestId: string;
  readonly path: string;
  /** Ours to change: the target that endpoints get, in origin-form. */
  target: string;
  /** Ours to change: the Host that endpoints get. */
  host: string;
  /** Ours to change: who serves it. */
  backend: RouteBackend;
  /** Ours to change: what is hashed to choose an endpoint, in place of the client's address. */
  balancingKey: string | undefined = undefined;
  /** Ours to change: the endpoint (`address:port`) to choose as long as the pool has it. */
  preferredEndpoint: string | undefined = undefined;
  /** The endpoint that was tried last, `address:port`. */
  endpoint: string | undefined = undefined;
  /** Of the fields that endpoints get. */
  readonly edits: FieldEdits = new FieldEdits();
  /** Made when somebody asks: a controller costs as much as the rest of a request. */
  #abort: AbortController | undefined = undefined;
  #isOver = false;

  constructor(facts: RequestFacts) {
    const { route, head, client, requestId, path, target } = facts;
    this.route = route;
    this.clientCertificate = facts.clientCertificate;
    this.head = head;
    this.client = client;
    this.requestId = requestId;
    this.path = path;
    this.target = target;
    this.host = head.host;
    this.backend = route.backend;
  }

  /** Aborted when the request is over, for whatever reason. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#isOver) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** For the engine alone. */
  over(): void {
    this.#isOver = true;
    this.#abort?.abort();
  }
}

/** The head of a response on its way to the client. */
export class FilteredResponse {
  readonly status: number;
  /** Undefined: the answer is our own. */
  readonly fields: HeadFields | undefined;
  readonly edits: FieldEdits = new FieldEdits();

  constructor(status: number, fields: HeadFields | undefined) {
    this.status = status;
    this.fields = fields;
  }
}
