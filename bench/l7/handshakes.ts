import { fileURLToPath } from 'node:url';
import { runLoad } from './load.ts';
import { runRounds } from './rounds.ts';
import type { Row } from './row.ts';
import { reportRates } from './throughput.ts';

const client = fileURLToPath(new URL('handshake-client.ts', import.meta.url));
const contenders = ['nginx', 'haproxy', 'caddy', 'compat', 'wire'] as const;

/** TLS 1.3 handshakes, all of them full or all resumed by a ticket. */
function handshakes(id: string, kind: 'new' | 'resumed', name: string): Row {
  return {
    id,
    async measure(context) {
      const results = await runRounds(
        await context.contenders.all(contenders),
        context.rounds,
        async ({ at }, seconds) => {
          const asked = [`${at.https.port}`, `${seconds}`, kind];
          return Number(await runLoad([process.execPath, client, ...asked]));
        },
      );
      const row = { name, unit: 'handshakes/s', subject: 'wire', baseline: 'nginx', bar: 0.7 };
      return reportRates(context, { ...row, subject: 'wire', baseline: 'nginx' }, results);
    },
  };
}

export const fullHandshakes: Row = handshakes('tls-new', 'new', 'TLS, full handshakes');
export const resumedHandshakes: Row = handshakes('tls-resumed', 'resumed', 'TLS, resumed');
