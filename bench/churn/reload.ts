import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { BenchContext } from '../bench.ts';
import { type Certificate, makeCertificate } from '../l7/certificate.ts';
import { temporaryFolder } from '../leftovers.ts';
import { textTable } from '../text-table.ts';
import { until } from '../until.ts';
import { Load } from './load.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { secureHost, secureManifest } from './reload-manifest.ts';
import { Scene } from './scene.ts';

/** So that handshakes meet the reload, too. */
const reconnectAfter = 20;

/** A certificate and routes change in the middle of load: no client may notice. */
export const reload: Scenario = { name: 'reload', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(2);
  const port = scene.daemon.port('https');
  const file = join(scene.folder, 'secure.yaml');
  using firstFolder = temporaryFolder();
  using secondFolder = temporaryFolder();
  const first = makeCertificate(firstFolder.path);
  const second = makeCertificate(secondFolder.path);
  writeFileSync(file, secureManifest(first, ['/']));
  await until('the certificate is served', async () => await serves(port, first));
  await scene.settled();
  const url = `https://127.0.0.1:${port}/`;
  const load = new Load({ url, host: secureHost, connections: 16, reconnectAfter });
  try {
    await delay(quick ? 300 : 1_000);
    writeFileSync(file, secureManifest(second, ['/']));
    await until('the new certificate is served', async () => await serves(port, second));
    await delay(quick ? 300 : 1_000);
    const paths = ['/', ...Array.from({ length: 50 }, (_, index) => `/new-${index}`)];
    writeFileSync(file, secureManifest(second, paths));
    await until('the new routes are served', async () => (await statusOf(port, '/new-49')) === 200);
    await delay(quick ? 300 : 1_000);
  } finally {
    load.stop();
  }
  const { succeeded, failed } = load;
  print('\n(d) a certificate replaced and 50 routes added under load over TLS');
  print(textTable(['answered', 'failed'], [[succeeded, failed.length]]));
  const reasons = new Set(failed.map(({ reason }) => reason));
  const failures = [...reasons].map((reason) => `a request failed: ${reason}`);
  if (succeeded === 0) failures.push('no request was answered');
  return { figures: { answered: succeeded, failed: failed.length }, failures, missed: [] };
}

/** Whether a new connection gets that certificate. */
async function serves(port: number, { certificatePem }: Certificate): Promise<boolean> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: secureHost,
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect');
    const { fingerprint256 } = new X509Certificate(certificatePem);
    return socket.getPeerCertificate().fingerprint256 === fingerprint256;
  } finally {
    socket.destroy();
  }
}

async function statusOf(port: number, path: string): Promise<number> {
  return await new Promise((resolve) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      servername: secureHost,
      rejectUnauthorized: false,
      agent: false,
      headers: { host: secureHost },
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    // Not served yet.
    asked.on('error', () => resolve(0));
    asked.end();
  });
}
