import {
  ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Stream } from 'node:stream';
import httpProxy from 'http-proxy';
import type { Pool } from '../../compile/table.ts';
import type { EndpointTarget } from '../shared/balanced-pools.ts';
import type { EngineLimits, EngineTimeouts } from '../shared/options.ts';
import type { BodyFraming } from './request-head.ts';
import type { UpstreamHeaders } from './upstream-headers.ts';

/** One request to one endpoint. */
export interface Forward {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly endpoint: EndpointTarget;
  readonly protocol: Pool['protocol'];
  readonly target: string;
  /** In the order in which they are written; framing fields apart. */
  readonly headers: UpstreamHeaders;
  readonly framing: BodyFraming;
  /** A connection that carried other requests before, and may carry more after this one. */
  readonly pooled: boolean;
}

/**
 * http-proxy, told to do as little as it can be: choose the protocol, open the request and wire
 * its errors. It is known for three things that this class takes out of its hands:
 *
 * - Framing. For DELETE and OPTIONS without Content-Length it writes `Content-Length: 0`, drops
 *   Transfer-Encoding and sends the body all the same, which the endpoint reads as the next
 *   request (CVE-2026-29057). Framing fields are set here, after it, for every method.
 * - The target, in which it folds `//` and what looks like a URL, and the fields.
 * - Reuse. A body goes over a connection of its own that is never used again, so that no
 *   endpoint can take its rest for a request.
 *
 * The door: http-proxy pipes `options.buffer`, if there is one, into the request it has just
 * made. A buffer whose `pipe` only hands over the request gives us the request before a byte of
 * it is written.
 */
export class Forwarder implements Disposable {
  readonly #proxy = httpProxy.createProxyServer({ selfHandleResponse: true, toProxy: true });
  readonly #agents: {
    readonly pooled: { readonly http: HttpAgent; readonly https: HttpsAgent };
    readonly single: { readonly http: HttpAgent; readonly https: HttpsAgent };
  };

  constructor(timeouts: EngineTimeouts, limits: EngineLimits) {
    const kept = {
      keepAlive: true,
      // The sockets used last first: those behind may expire.
      scheduling: 'lifo',
      maxFreeSockets: limits.idlePerEndpoint,
      timeout: timeouts.upstreamIdleMs,
      noDelay: true,
    } as const;
    const once = { keepAlive: false, noDelay: true } as const;
    // Endpoints are addresses: certificates for them are as good as unknown, so they are not
    // verified unless somebody says against what (as ingress-nginx: proxy-ssl-verify is off).
    const unverified = { rejectUnauthorized: false } as const;
    this.#agents = {
      pooled: { http: new HttpAgent(kept), https: new HttpsAgent({ ...kept, ...unverified }) },
      single: { http: new HttpAgent(once), https: new HttpsAgent({ ...once, ...unverified }) },
    };
  }

  /**
   * Opens a request to an endpoint, with everything but the body. The caller ends or pipes it,
   * and listens to it.
   * @throws TypeError when a field cannot be written, which node's own parser let through
   */
  open(forward: Forward): ClientRequest {
    const { request, response, endpoint, protocol } = forward;
    const scheme = protocol === 'https' || protocol === 'h2' ? 'https' : 'http';
    const agent = (forward.pooled ? this.#agents.pooled : this.#agents.single)[scheme];
    let opened: ClientRequest | undefined;
    const buffer = new Handover((made) => {
      opened = made;
    });
    // http-proxy copies these, last one first; all are set below instead, in order.
    request.headers = {};
    this.#proxy.web(
      request,
      response,
      {
        target: { protocol: `${scheme}:`, host: endpoint.address, port: endpoint.port },
        secure: false,
        agent,
        buffer,
      },
      // The same errors reach whoever holds the request.
      () => {},
    );
    if (!opened) throw new TypeError('http-proxy handed no request over');
    opened.path = forward.target;
    for (const [name, value] of forward.headers.values()) opened.setHeader(name, value);
    frame(opened, forward.framing);
    return opened;
  }

  [Symbol.dispose](): void {
    for (const { http, https } of Object.values(this.#agents)) {
      http.destroy();
      https.destroy();
    }
    this.#proxy.removeAllListeners();
  }
}

/** A stream only in name: see `Forwarder`. */
class Handover extends Stream {
  readonly #take: (request: ClientRequest) => void;

  constructor(take: (request: ClientRequest) => void) {
    super();
    this.#take = take;
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    if (destination instanceof ClientRequest) this.#take(destination);
    return destination;
  }
}

/** Writes the framing fields anew, whatever http-proxy made of them. */
function frame(request: ClientRequest, framing: BodyFraming): void {
  for (const name of ['content-length', 'transfer-encoding']) {
    if (request.hasHeader(name)) request.removeHeader(name);
  }
  switch (framing.kind) {
    case 'chunked':
      request.setHeader('Transfer-Encoding', 'chunked');
      return;
    case 'length':
      request.setHeader('Content-Length', framing.bytes);
      return;
    case 'none':
      // RFC 9110 §8.6: methods that expect a body say so when there is none.
      if (framing.explicitZero || ['POST', 'PUT', 'PATCH'].includes(request.method)) {
        request.setHeader('Content-Length', 0);
      }
  }
}
