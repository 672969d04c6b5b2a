/**
 * A resolver that gives every name one address, over UDP: what `forward` is measured against.
 * Arguments: port, TTL in seconds. Prints its port.
 */
import { createSocket } from 'node:dgram';

const [port = '0', ttl = '3600'] = process.argv.slice(2);
const headerOctets = 12;

/** A pointer to the question's name, A, IN, TTL, and 192.0.2.1. */
const answer = Buffer.from('c00c00010001000000000004c0000201', 'hex');
answer.writeUInt32BE(Number(ttl), 6);

/** RFC 1035 §4.1.2: labels up to the root's, then type and class. */
function questionEnd(query: Buffer): number {
  let at = headerOctets;
  while (at < query.length && query[at] !== 0) at += 1 + (query[at] ?? 0);
  return at + 5;
}

const socket = createSocket('udp4');
socket.on('message', (query, { port: to, address }) => {
  const end = questionEnd(query);
  if (query.length < end) return;
  const reply = Buffer.concat([query.subarray(0, end), answer]);
  // QR and RA; one question, one answer, nothing else.
  reply.writeUInt16BE(0x8180, 2);
  reply.writeUInt16BE(1, 6);
  reply.writeUInt32BE(0, 8);
  socket.send(reply, to, address);
});
socket.bind(Number(port), '127.0.0.1', () => process.stdout.write(`${socket.address().port}\n`));
