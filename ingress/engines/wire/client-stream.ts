import type { FieldEdits, ResponseHead, BodyLength, BodyPieces } from '../../http1/index.ts';
import type { OwnAnswer } from '../../filters/index.ts';
import type { Arrival } from './context.ts';

/**
 * One request's way to its client and back: a connection of HTTP/1.1 that has read a head, or a
 * stream of HTTP/2. It frames what is sent, and keeps the connection's own rules; the exchange
 * knows of neither. In return it tells the exchange what comes: see `Exchange`.
 */
export interface ClientStream {
  readonly arrival: Arrival;
  /** The peer's address, as the connection has it. */
  readonly peer: string;
  /** The request has been read, body and all. */
  readonly isBodyDone: boolean;
  /** More waits to be sent than should: `Exchange.clientDrained` tells when it is out. */
  readonly isBehind: boolean;
  /** Tells the client to send the body that it announced: only if it asked to be told. */
  sendContinue(): void;
  /** 1xx other than 100 and 101. */
  sendInformational(head: ResponseHead): void;
  /** A response's head; `length` of the body that follows, `untilClose` where nobody knows. */
  sendHead(head: ResponseHead, length: BodyLength, edits: HeadEdits | undefined): void;
  /** A part of the body, and its end if `body.done`. `bytes` are the caller's again on return. */
  sendBody(bytes: Buffer, body: BodyPieces): void;
  /** A whole response of our own. */
  sendAnswer(answer: OwnAnswer, edits: HeadEdits | undefined): void;
  /** What was sent may leave: nothing more comes at the moment. */
  flush(): void;
  /** A 101: from here on bytes pass both ways as they are. */
  switchProtocol(head: ResponseHead): void;
  sendTunnel(bytes: Buffer, start: number, end: number): void;
  /** The other end of the tunnel has said all. */
  endTunnel(): void;
  /** One end of the tunnel has; the other gets a while to say the rest. */
  tunnelHalfClosed(): void;
  /** The exchange takes body bytes again, or for the first time. */
  bodyWanted(): void;
  /** The response, or the tunnel, is complete. */
  done(): void;
  /** The response cannot be completed: the client must see that it was cut short. */
  truncate(): void;
}

/** What filters change about a head. */
export interface HeadEdits {
  /** In place of the response's own. */
  readonly status: number;
  readonly fields: FieldEdits;
}
