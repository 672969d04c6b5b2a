import type { BodyLength, BodyPieces, ResponseHead } from '../http1/index.ts';
import type { UpstreamStream } from './stream.ts';

/** Why an endpoint gave no whole response. */
export type UpstreamFailureReason =
  | 'connect-refused'
  | 'connect-timeout'
  | 'connect-failed'
  | 'read-timeout'
  | 'reset'
  | 'invalid-response';

/** A failure, with what it means for another try. */
export interface UpstreamFailure {
  readonly reason: UpstreamFailureReason;
  /** What the client gets if no other endpoint helps. */
  readonly status: 502 | 504;
  /** The endpoint cannot have seen any of the request. */
  readonly unsent: boolean;
  /** The connection had served before, and not a byte of a response came: likely a closed one. */
  readonly stale: boolean;
  /** For people. */
  readonly message: string;
}

/**
 * Who has sent a request, and is told what comes back. Heads and bodies are valid during the call
 * alone.
 */
export interface UpstreamUser {
  /** Only for new connections. */
  upstreamConnected(stream: UpstreamStream): void;
  /** 1xx other than 101. */
  upstreamInformed(head: ResponseHead): void;
  /** 101. False: nobody asked for it, and it counts as an invalid response. */
  upstreamSwitched(stream: UpstreamStream, head: ResponseHead): boolean;
  /** `length`: of the body that follows, `untilClose` where nothing tells. */
  upstreamHead(stream: UpstreamStream, head: ResponseHead, length: BodyLength): void;
  /** `body.done`: the response is complete. Called for an empty body too. */
  upstreamBody(stream: UpstreamStream, bytes: Buffer, body: BodyPieces): void;
  /** Nothing more to come from what was read: time to send it on. */
  upstreamPaused(): void;
  /** All that was sent is out. */
  upstreamDrained(): void;
  /** Instead of everything that was to come. The connection is closed already. */
  upstreamFailed(stream: UpstreamStream, failure: UpstreamFailure): void;
  tunnelReceived(bytes: Buffer, start: number, end: number): void;
  tunnelEnded(): void;
}
