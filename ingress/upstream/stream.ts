import type { BodyLength, BodyPieces } from '../http1/index.ts';
import type { UpstreamUser } from './user.ts';

/** A request as an endpoint is to get it. */
export interface UpstreamRequest {
  readonly method: string;
  readonly target: string;
  /** Value of Host, or of :authority. */
  readonly host: string;
  /** Every other field but those that frame the body, one line each: `Name: value`, CRLF. */
  readonly lines: string;
  /** As parsed; `chunkedBody` where nobody knows yet, `unframed` where none was announced. */
  readonly bodyLength: BodyLength;
  /** Milliseconds without a byte either way, after which it has failed. */
  readonly readMs: number;
  /** It asks for a WebSocket, with the fields for that in `lines`. */
  readonly isUpgrade: boolean;
}

/**
 * One request's way to an endpoint and back: a connection of HTTP/1.1, or a stream of HTTP/2.
 * Whoever has it is told what comes back as its `UpstreamUser`.
 */
export interface UpstreamStream {
  /** More waits to be sent than should: no more body until `upstreamDrained`. */
  readonly isBehind: boolean;
  /** Takes it over for a request. Its head leaves with the first bytes of a body, or by `flush`. */
  begin(user: UpstreamUser, request: UpstreamRequest): void;
  /** Passes a part of the body on, and its end if `body.done`. `bytes` are the caller's again. */
  sendBody(bytes: Buffer, body: BodyPieces): void;
  /** Sends the head, if it still waits for a body. */
  flush(): void;
  /** Stops reading: the client takes no more. */
  pause(): void;
  resume(): void;
  /** The request is answered. `requestSent`: all of it, so that another may follow. */
  release(requestSent: boolean): void;
  /** Cuts it, so that the endpoint does not take half a request for a whole one. */
  reset(): void;
  /** After `upstreamSwitched`: sends bytes through the tunnel. */
  sendTunnel(bytes: Buffer, start: number, end: number): void;
  /** After `upstreamSwitched`: no more of them will come. */
  endTunnel(): void;
  /** Both sides of the tunnel have ended. */
  close(): void;
}

/** How a new way to an endpoint is opened. */
export interface OpenOptions {
  /** Milliseconds that it may take. */
  readonly connectMs: number;
  /** The client for whom, for a PROXY header. */
  readonly clientAddress: string;
}

/** The ways to one endpoint over one link. */
export interface EndpointStreams {
  /** The endpoint has left the table: what is under way ends, and nothing is kept. */
  readonly isRetired: boolean;
  /** One that is there already, and then the caller's; `repeatable`: failing would be no harm. */
  take(repeatable: boolean): UpstreamStream | undefined;
  /**
   * A new one: `user` hears `upstreamConnected` once it stands, never before this returns.
   */
  open(user: UpstreamUser, options: OpenOptions): UpstreamStream;
  /** Ends what nobody uses; for an endpoint that has left the table. */
  retire(): void;
}
