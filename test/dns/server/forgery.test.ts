import { deepEqual, equal, ok } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import { createDnsPlane } from '../../../dns/index.ts';
import { decodeMessage, encodeMessage, type Message, recordType } from '../../../dns/wire/index.ts';
import { parseRecord } from '../../../dns/zonefile/index.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { CorefileServer } from '../corefile-server.ts';
import { bundle, slice } from '../objects.ts';
import { answering, everywhere } from '../plugins/records.ts';
import { encodeQuery } from '../server-without-sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-forgery-'));
after(() => rmSync(folder, { recursive: true }));

/** Answers in order: what forgers would send, then what is true. */
const forged: readonly (readonly [why: string, change: (true_: Message) => Message])[] = [
  ['another id', (one) => ({ ...one, id: one.id ^ 1 })],
  ['another name', (one) => withQuestion(one, { name: ['evil', 'org'] })],
  ['another type', (one) => withQuestion(one, { type: recordType.AAAA })],
  ['another class', (one) => withQuestion(one, { class: 3 })],
  ['a query', (one) => ({ ...one, response: false })],
  ['no question, as if all were well', (one) => ({ ...one, questions: [] })],
];

function withQuestion(message: Message, change: Partial<Message['questions'][0]>): Message {
  return { ...message, questions: message.questions.map((one) => ({ ...one, ...change })) };
}

test('replies to another id, question or port are skipped, and the true one is taken', async () => {
  await using upstream = createSocket('udp4');
  await using stranger = createSocket('udp4');
  upstream.bind(0, '127.0.0.1');
  await once(upstream, 'listening');
  let sent = 0;
  upstream.on('message', (octets, from) => {
    const request = decodeMessage(octets);
    const reply = (address: string): Message => ({
      ...request,
      response: true,
      answers: [parseRecord(`x.org. 60 IN A ${address}`)],
    });
    const lies = forged.map(([, change]) => encodeMessage(change(reply('192.0.2.66'))));
    // All of it right but where it comes from.
    stranger.send(encodeMessage(reply('192.0.2.66')), from.port, from.address, () => {
      for (const lie of lies) upstream.send(lie, from.port, from.address);
      for (let i = 0; i < 12; i += 1) {
        upstream.send(encodeMessage(reply('192.0.2.66')).subarray(0, i), from.port, from.address);
      }
      upstream.send(encodeMessage(reply('192.0.2.1')), from.port, from.address);
      sent += 1;
    });
  });
  const path = join(folder, 'Corefile');
  writeFileSync(path, `.:53 {\n cache\n forward . 127.0.0.1:${upstream.address().port}\n}`);
  await using plane = createDnsPlane({
    listen: [{ host: '127.0.0.1', port: 0 }],
    corefile: path,
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    random: seededRandom(1),
    problems: new ProblemBook(),
  });
  await plane.apply(
    { generation: 0, namespaces: new Set(), services: new Map(), pods: new Map(), serial: 1 },
    undefined,
  );
  const port = plane.addresses()[0]?.port ?? 0;
  for (let i = 0; i < 2; i += 1) {
    await using client = createSocket('udp4');
    client.send(encodeQuery('x.org', 'A'), port, '127.0.0.1');
    const [octets]: Buffer[] = await once(client, 'message');
    const [answer] = decodeMessage(octets ?? Buffer.alloc(0)).answers;
    deepEqual(answer?.data.kind === 'Address' && [...answer.data.octets], [192, 0, 2, 1]);
  }
  // The second one came from the cache.
  equal(sent, 1);
});

test('records that come along are good for their own question alone', async () => {
  await using server = await CorefileServer.start(
    '. {\n cache\n forward . 192.0.2.53\n}',
    (request, to) =>
      request.questions[0]?.name[0] === 'www'
        ? answering(['www.evil.org. 60 IN A 192.0.2.66'], {
            authorities: [parseRecord('bank.org. 60 IN NS ns.evil.org.')],
            additionals: [parseRecord('bank.org. 60 IN A 192.0.2.66')],
          })
        : everywhere(request, to),
  );
  await server.ask('www.evil.org');
  deepEqual((await server.ask('bank.org'))?.answers, ['bank.org. 60 A 192.0.2.1']);
  deepEqual(server.asked, ['www.evil.org', 'bank.org']);
});

test('no answer over UDP is longer than 1232 octets, nor than 512 without EDNS', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  await using server = await CorefileServer.start('. {\n kubernetes cluster.local\n}');
  server.load([bundle('shop/many', { clusterIP: 'None' }, [slice('shop/many-1', many)])]);
  const client = { address: '192.0.2.1', port: 40_000 };
  for (const type of ['A', 'SRV', 'ANY'] as const) {
    for (const [udpPayloadSize, limit] of [
      [undefined, 512],
      [0, 512],
      [1232, 1232],
      [65_535, 1232],
    ] as const) {
      const edns = udpPayloadSize === undefined ? {} : { edns: { udpPayloadSize } };
      const query = encodeQuery('many.shop.svc.cluster.local', type, edns);
      const reply = await server.responder.respond(query, { transport: 'udp', client, family: 4 });
      ok((reply?.length ?? 0) <= limit, `${type} ${udpPayloadSize}: ${reply?.length}`);
    }
  }
});
