import { randomUUID } from 'node:crypto';

/** Printable ASCII without spaces, of a length that log lines can bear. */
const acceptable = /^[\x21-\x7e]{1,128}$/;

/** The client's own identifier if it is fit to be logged, or a new random one: 32 hex digits. */
export function requestId(sent: string | undefined): string {
  return sent !== undefined && acceptable.test(sent) ? sent : randomUUID().replaceAll('-', '');
}
