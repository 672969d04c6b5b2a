/**
 * `watch-client.ts KUBECONFIG WATCHERS RATE SECONDS`: opens so many watches of ConfigMaps, each on
 * a connection of its own, changes one ConfigMap RATE times a second, and prints as JSON how long
 * each change took from its request to every tenth watcher, and how many bytes each watcher got.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { ApiConnections } from './connection.ts';
import { type Credential, readCredential } from './credential.ts';
import { configMap, paths } from './objects.ts';

const [, , kubeconfig = '', watchers = '', rate = '', seconds = ''] = process.argv;

/** Reading what 1 000 watchers get would take the time that is measured. */
const readEvery = 10;
/** Handshakes at once. */
const connectAtOnce = 25;
/** For the last events to arrive. */
const settleMs = 2_000;

const deliveriesMs: number[] = [];
const received: number[] = [];

async function openWatch(credential: Credential, n: number, version: string): Promise<TLSSocket> {
  const socket = connect({ ...credential, servername: 'localhost' });
  await once(socket, 'secureConnect');
  const path = `${paths.configMaps}?watch=true&resourceVersion=${version}`;
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  if (!head.toString().startsWith('HTTP/1.1 200')) throw new Error(head.toString().slice(0, 200));
  received[n] = 0;
  socket.on('data', (chunk: Buffer) => {
    received[n] = (received[n] ?? 0) + chunk.length;
    if (n % readEvery === 0) noteDeliveries(chunk.toString('latin1'));
  });
  return socket;
}

/** Events are shorter than a TLS record, so that a stamp is never cut. */
function noteDeliveries(text: string): void {
  const now = performance.now();
  for (const [, sent] of text.matchAll(/"sent":"([\d.]+)"/g)) deliveriesMs.push(now - Number(sent));
}

const credential = readCredential(kubeconfig);
await using api = new ApiConnections(kubeconfig, 4);
await api.ask('POST', paths.configMaps, configMap('watched')).catch(() => {});
const list = JSON.parse(await api.ask('GET', paths.configMaps)) as {
  readonly metadata: { readonly resourceVersion: string };
};
const sockets: TLSSocket[] = [];
while (sockets.length < Number(watchers)) {
  const size = Math.min(connectAtOnce, Number(watchers) - sockets.length);
  const more = Array.from({ length: size }, (_, i) =>
    openWatch(credential, sockets.length + i, list.metadata.resourceVersion),
  );
  sockets.push(...(await Promise.all(more)));
}
const changes: Promise<string>[] = [];
const started = performance.now();
while (performance.now() - started < Number(seconds) * 1000) {
  const sent = { sent: String(performance.now()) };
  changes.push(api.ask('PUT', `${paths.configMaps}/watched`, configMap('watched', sent)));
  await delay(Math.max(0, started + (changes.length * 1000) / Number(rate) - performance.now()));
}
await Promise.all(changes);
await delay(settleMs);
for (const socket of sockets) socket.destroy();
const unequal = received.filter((bytes) => bytes !== received[0]).length;
process.stdout.write(`${JSON.stringify({ deliveriesMs, changes: changes.length, unequal })}\n`);
