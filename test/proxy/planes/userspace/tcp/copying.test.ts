import { ok } from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import {
  bothTransports,
  dialClient,
  loopbackAddress,
  servicePort,
  startBackend,
  startLab,
} from '../fixtures.ts';

/** Sizes around what one read, one window and one socket buffer hold. */
const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 2000 }),
    fc.constantFrom(1024, 1025, 65_535, 65_536, 65_537, 200_000, 1_000_000),
  ),
  { maxLength: 8 },
);
/** One side's behaviour: what it sends, and how many loop turns it rests before each read. */
const side = fc.record({ sizes, restTurns: fc.integer({ min: 0, max: 20 }) });

/** Bytes that show where in the stream they belong. */
const stampedBytes = (length: number, seed: number): Buffer =>
  Buffer.from(
    Uint32Array.from({ length: (length + 3) >> 2 }, (_, i) => i * 2654435761 + seed).buffer,
  ).subarray(0, length);

async function send(socket: Socket, sizes: readonly number[], bytes: Buffer): Promise<void> {
  let at = 0;
  for (const size of sizes) {
    if (!socket.write(bytes.subarray(at, at + size))) {
      await new Promise((resolve) => socket.once('drain', resolve));
    }
    at += size;
  }
  socket.end();
}

async function receive(socket: Socket, restTurns: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    for (let turn = 0; turn < restTurns; turn += 1) await setImmediate();
  }
  return Buffer.concat(chunks);
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

for (const transport of bothTransports()) {
  suite(`copying over ${transport.name}`, () => {
    test('whatever each side sends arrives whole and in order, however slowly it is read', async () => {
      let serve: (socket: Socket) => void = () => {};
      await using backend = await startBackend((socket) => serve(socket));
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      await fc.assert(
        fc.asyncProperty(side, side, async (ofClient, ofServer) => {
          const fromClient = stampedBytes(total(ofClient.sizes), 1);
          const fromServer = stampedBytes(total(ofServer.sizes), 2);
          const served = new Promise<Buffer>((resolve, reject) => {
            serve = (socket) => {
              send(socket, ofServer.sizes, fromServer).catch(reject);
              receive(socket, ofServer.restTurns).then(resolve, reject);
            };
          });
          const client = await dialClient(lab.listener());
          const received = receive(client, ofClient.restTurns);
          await send(client, ofClient.sizes, fromClient);
          ok((await received).equals(fromServer));
          ok((await served).equals(fromClient));
        }),
        { numRuns: 30 },
      );
    });

    test('many connections at once don’t mix their bytes', async () => {
      await using backend = await startBackend((socket) => socket.pipe(socket));
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      // More than the kernel buffers on the way hold, so that writes are left half done.
      const conversations = Array.from({ length: 6 }, async (_, i) => {
        const sent = stampedBytes(8_000_000 + i, i);
        const client = await dialClient(lab.listener());
        const received = receive(client, i % 7);
        await send(client, [sent.length], sent);
        ok((await received).equals(sent), `conversation ${i} was mixed up`);
      });
      await Promise.all(conversations);
    });
  });
}
