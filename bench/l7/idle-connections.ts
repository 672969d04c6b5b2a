import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import type { Address } from '../l4/peer.ts';
import { Contenders } from './contenders.ts';
import type { Row } from './row.ts';

const barKiB = 16;
/** Opened at a time: less than any backlog. */
const batch = 100;

/** Memory of a kept connection on which nothing happens after its first request. */
export const idleConnections: Row = {
  id: 'idle',
  async measure({ bench, scene }) {
    // Fresh ones: what loads before have left free would hold many a connection.
    await using contenders = new Contenders(scene);
    const count = bench.quick ? 2_000 : 10_000;
    const results = [];
    for (const { name, at, pid } of await contenders.all(['nginx', 'wire'])) {
      // Not counted: what the first connections make for all that follow.
      for (const socket of await open(at.http, batch)) socket.destroy();
      const before = residentBytes(pid);
      const sockets = await open(at.http, count);
      const after = residentBytes(pid);
      for (const socket of sockets) socket.destroy();
      const kibEach = round((after - before) / count / 1024, 2);
      results.push({ name, kibEach, totalMiB: round(after / 2 ** 20) });
    }
    bench.print(`${count} idle connections (bar for wire ${barKiB} KiB each)`);
    const rows = results.map(({ name, kibEach, totalMiB }) => [name, kibEach, totalMiB]);
    bench.print(`${textTable(['', 'KiB each', 'MiB in all'], rows)}\n`);
    const wire = results.find(({ name }) => name === 'wire')?.kibEach ?? Number.NaN;
    return {
      figures: { count, results },
      measurements: [
        {
          title: `L7: memory of one of ${count} idle connections`,
          unit: 'KiB',
          better: 'less',
          contenders: results.map(({ name, kibEach }) => ({
            name,
            median: kibEach,
            least: kibEach,
            greatest: kibEach,
          })),
        },
      ],
      missed: wire > barKiB ? [`an idle connection takes ${wire} KiB, the bar is ${barKiB}`] : [],
    };
  },
};

/** Connections on each of which one request has been answered. */
async function open({ host, port }: Address, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(batch, count - sockets.length) }, async () => {
      const socket = connect({ host, port });
      await once(socket, 'connect');
      socket.write('GET /short HTTP/1.1\r\nHost: bench.test\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) {
        throw new Error(`answered ${answer.toString('latin1', 0, 40)}`);
      }
      socket.on('error', () => {});
      return socket;
    });
    sockets.push(...(await Promise.all(more)));
  }
  return sockets;
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}
