/**
 * TLS handshakes one after the other on some connections at a time, for so many seconds:
 * `node handshake-client.ts PORT SECONDS new|resumed`. Prints how many were made, all of them of
 * the kind asked for; anything else ends it with status 1. (wrk's are a mixture: it resumes about
 * every other one.)
 */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

const atATime = 8;

const [port = 0, seconds = 0] = process.argv.slice(2).map(Number);
const isResuming = process.argv[4] === 'resumed';
let session: Buffer | undefined;
let made = 0;

async function handshake(): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'bench.test',
    rejectUnauthorized: false,
    ...(session !== undefined && { session }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

if (isResuming) {
  const first = await handshake();
  // TLS 1.3: tickets come with or before the first answer.
  first.on('data', () => {});
  first.write('GET /short HTTP/1.1\r\nHost: bench.test\r\n\r\n');
  [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
}

const endMs = performance.now() + seconds * 1000;

async function loop(): Promise<void> {
  while (performance.now() < endMs) {
    const socket = await handshake();
    if (socket.isSessionReused() !== isResuming) throw new Error('a handshake of the other kind');
    made += 1;
    socket.end();
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'close');
  }
}

await Promise.all(Array.from({ length: atATime }, loop));
process.stdout.write(`${made}\n`);
