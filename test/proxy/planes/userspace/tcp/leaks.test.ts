import { equal } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { seededRandom } from '../../../../../controller/base/index.ts';
import {
  bothTransports,
  dialClient,
  endOf,
  loopbackAddress,
  refusing,
  servicePort,
  startBackend,
  startLab,
  until,
} from '../fixtures.ts';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

const random = seededRandom(7);
const oneOf = <T>(...choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(random() * choices.length)] ?? choices[0];

/** Does something rude, or not, at a moment that depends on the seed alone. */
function misbehave(socket: Socket): void {
  const act = oneOf<() => void>(
    () => socket.resetAndDestroy(),
    () => socket.destroy(),
    () => socket.end(),
    () => socket.end(Buffer.alloc(100_000)),
    () => void socket.write(Buffer.alloc(1_000_000), () => socket.resetAndDestroy()),
  );
  if (random() < 0.5) act();
  else socket.once('data', act);
}

for (const transport of bothTransports()) {
  suite(`after rude peers over ${transport.name}`, () => {
    test('no descriptor and no session is left', async () => {
      const before = openDescriptors();
      {
        await using backend = await startBackend((socket) => {
          socket.write('hello');
          socket.resume();
          misbehave(socket);
        });
        await using lab = startLab({ transport });
        const clusterEndpoints = [backend.endpoint, await refusing()];
        await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints }));
        for (let round = 0; round < 20; round += 1) {
          const clients = await Promise.all(
            Array.from({ length: 20 }, () => dialClient(lab.listener())),
          );
          const ends = clients.map(endOf);
          for (const client of clients) {
            misbehave(client);
            client.write('x'.repeat(Math.floor(random() * 100_000)));
          }
          // Pairs that both wait for the other's first word have none: they are ended here.
          setTimeout(() => clients.forEach((client) => client.destroy()), 20);
          await Promise.all(ends);
        }
        await until(() => {
          // Some are accepted late, and nothing else would ever end those.
          for (const socket of backend.accepted) socket.destroy();
          return lab.plane.activity()[0]?.active === 0;
        });
      }
      await until(() => openDescriptors() <= before);
      equal(openDescriptors() <= before, true);
    });
  });
}
