import type { ConnectionOptions } from './connection-options.ts';
import type { BodyLength } from './framing.ts';
import type { HeadFields } from './head-fields.ts';

/** The head of a request, whichever version of HTTP brought it. */
export interface RequestHead {
  readonly method: string;
  /** In origin-form or `*`, as it came: `/p?q`. */
  readonly target: string;
  /** The authority that the client asked for, port included if it said one. */
  readonly host: string;
  /** Of the message as the client sent it. */
  readonly version: '1.0' | '1.1' | '2.0';
  readonly bodyLength: BodyLength;
  readonly options: ConnectionOptions;
  /** `Expect: 100-continue`, of a client that understands the answer. */
  readonly expectsContinue: boolean;
  readonly fields: HeadFields;
}

/** The head of a response, whichever version of HTTP brought it. */
export interface ResponseHead {
  readonly status: number;
  /** Where the status line ends in `fields.text`, CRLF included; it starts at 0. */
  readonly lineEnd: number;
  /** As the fields say; the request's method and the status may say otherwise. */
  readonly bodyLength: BodyLength;
  readonly fields: HeadFields;
}

/** Parsers fill one head again and again: this one stays. */
export function keptHead(head: RequestHead): RequestHead {
  const { method, target, host, version, bodyLength, options, expectsContinue } = head;
  const fields = head.fields.copy();
  return { method, target, host, version, bodyLength, options, expectsContinue, fields };
}
