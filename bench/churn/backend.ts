/**
 * One backend process: `node backend.ts NAME HOST`. Prints its port once it listens. Every request
 * takes 10 ms. On SIGTERM it goes on serving until nobody asks any more, as a Pod should that is
 * taken out of service before it is stopped.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const workMs = 10;
/** Nothing asked for so long: nobody will. */
const quietMs = 500;
/** As long as it may take: what is still asked then is cut. */
const graceMs = 5_000;

const [name = 'backend', host = '127.0.0.1'] = process.argv.slice(2);

let askedMs = 0;

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/healthz') {
    response.setHeader('connection', 'close').end('ok');
    return;
  }
  askedMs = performance.now();
  setTimeout(() => response.end(name), workMs);
});
// The other side decides how long idle connections stay: closing one here could meet a request.
server.keepAliveTimeout = 0;
server.listen({ host, port: 0, backlog: 1024 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

function endWhenQuiet(): void {
  if (performance.now() - askedMs > quietMs) process.exit(0);
}

process.on('SIGTERM', () => {
  setInterval(endWhenQuiet, 50);
  setTimeout(() => process.exit(0), graceMs);
});
// The benchmark holds this pipe: when it closes, nobody is left to end this process.
process.stdin.resume().on('end', () => process.exit(0));
