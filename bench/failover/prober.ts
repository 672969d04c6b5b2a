/**
 * Asks `HOST` over TCP again and again, and says who answers: one JSON line for each change, with
 * how long nobody answered before it. Ends with its standard input.
 */
import { connect } from 'node:net';

const [host = '', port = ''] = process.argv.slice(2);
const everyMs = 2;
/** An attempt that lost its packet is of no use: the next one has a packet of its own. */
const giveUpMs = 100;

let last = '';
let newest = 0;
let answeredAtMs = 0;

function ask(number: number): void {
  const socket = connect({ host, port: Number(port) });
  socket.setTimeout(giveUpMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.once('data', (bytes) => {
    const atMs = performance.timeOrigin + performance.now();
    const name = bytes.toString();
    socket.destroy();
    // An answer that was under way must not undo a newer one.
    if (number < newest) return;
    newest = number;
    const silentMs = atMs - answeredAtMs;
    answeredAtMs = atMs;
    if (name === last) return;
    last = name;
    process.stdout.write(`${JSON.stringify({ atMs, name, silentMs })}\n`);
  });
}

let number = 0;
const timer = setInterval(() => {
  number += 1;
  ask(number);
}, everyMs);
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  process.exit(0);
});
