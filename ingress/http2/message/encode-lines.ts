import type { HpackEncoder } from '../hpack/encoder.ts';

/** Belong to one HTTP/1.1 connection, and to nobody in HTTP/2 (RFC 9113 §8.2.2). */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Adds field lines that HTTP/1.1 would send, each with CRLF, from `start` to the end or the blank
 * line: names in lower case, fields of the connection left out. The lines are our own or have
 * been checked; nothing is checked here.
 */
export function encodeLines(encoder: HpackEncoder, lines: string, start: number): void {
  let position = start;
  for (;;) {
    const end = lines.indexOf('\r\n', position);
    if (end <= position) return;
    const colon = lines.indexOf(':', position);
    const name = lines.slice(position, colon).toLowerCase();
    let value = colon + 1;
    while (lines.charCodeAt(value) === 0x20) value += 1;
    if (!connectionFields.has(name)) encoder.field(name, lines.slice(value, end).trimEnd());
    position = end + 2;
  }
}
