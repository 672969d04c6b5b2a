import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ListenAddress,
  PortolanError,
  seededRandom,
} from '../../../../controller/base/index.ts';
import type { Attempt, Exchange } from '../../../../dns/plugins/forward/exchange.ts';
import {
  defaultForward,
  type ForwardConfig,
  ForwardPlugin,
} from '../../../../dns/plugins/forward/index.ts';
import type { Query, Reply } from '../../../../dns/plugins/plugin.ts';
import { replyWith } from '../../../../dns/plugins/reply.ts';
import {
  decodeMessage,
  type Edns,
  encodeMessage,
  type Message,
} from '../../../../dns/wire/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { plainQuery, pluginContext } from '../../plugin-context.ts';

const query = plainQuery;

/** How an upstream answers; undefined: never. */
type Upstream = (request: Message, transport: 'udp' | 'tcp') => Partial<Message> | undefined;

class Forwarding implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly problems: ProblemBook = new ProblemBook();
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly plugin: ForwardPlugin;
  readonly asked: string[] = [];
  readonly requests: Message[] = [];
  listening: readonly ListenAddress[] = [];

  constructor(upstreams: Readonly<Record<string, Upstream>>, config?: Partial<ForwardConfig>) {
    const exchange: Exchange = (attempt) => this.#exchange(attempt, upstreams);
    this.plugin = new ForwardPlugin(
      { ...defaultForward, upstreams: Object.keys(upstreams), ...config },
      pluginContext({
        meter: this.meter,
        clock: this.clock,
        problems: this.problems,
        listening: () => this.listening,
        forwarding: { random: seededRandom(1), exchange, randomId: () => 0x1234 },
      }),
    );
  }

  async ask(more: Partial<Query> = {}): Promise<Reply> {
    return this.plugin.handle({ ...query, ...more }, () => replyWith('next', { rcode: 5 }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.plugin[Symbol.asyncDispose]();
  }

  async #exchange(
    attempt: Attempt,
    upstreams: Readonly<Record<string, Upstream>>,
  ): Promise<Buffer> {
    const request = decodeMessage(attempt.request);
    this.asked.push(`${attempt.upstream.host} ${attempt.transport}`);
    this.requests.push(request);
    const answer = upstreams[attempt.upstream.host]?.(request, attempt.transport);
    const octets = answer && encodeMessage({ ...request, response: true, ...answer });
    if (octets && attempt.accepts(octets)) return octets;
    this.clock.advance(attempt.timeoutMs);
    throw new PortolanError('UpstreamFailed', 'no answer');
  }
}

async function started(
  upstreams: Readonly<Record<string, Upstream>>,
  config?: Partial<ForwardConfig>,
): Promise<Forwarding> {
  const forwarding = new Forwarding(upstreams, config);
  await forwarding.plugin.start();
  return forwarding;
}

const dead: Upstream = () => undefined;
const works: Upstream = ({ questions: [question] }) => ({
  recursionAvailable: true,
  authenticData: true,
  answers: [
    {
      name: question?.name ?? [],
      type: 1,
      class: 1,
      ttlSec: 60,
      data: { kind: 'Address', octets: Buffer.from([192, 0, 2, 1]) },
    },
  ],
});

test('an answer is passed on; AD only to those who asked for it', async () => {
  await using forwarding = await started({ '192.0.2.53': works });
  const reply = await forwarding.ask();
  equal(reply.answers.length, 1);
  equal(reply.recursionAvailable, true);
  equal(reply.authenticData, false);
  equal((await forwarding.ask({ authenticData: true })).authenticData, true);
  deepEqual(forwarding.requests[0]?.questions, [{ name: query.name, type: 1, class: 1 }]);
});

test("the client's OPT goes along, hop-by-hop options do not", async () => {
  await using forwarding = await started({ '192.0.2.53': works });
  await forwarding.ask();
  equal(forwarding.requests[0]?.edns, undefined);
  const options = [10, 11, 12, 8].map((code) => ({ code, octets: Buffer.from([1]) }));
  const edns: Edns = { udpPayloadSize: 4096, version: 0, dnssecOk: true, options };
  await forwarding.ask({ edns });
  deepEqual(forwarding.requests[1]?.edns, {
    udpPayloadSize: 1232,
    version: 0,
    dnssecOk: true,
    options: [{ code: 8, octets: Buffer.from([1]) }],
  });
});

const lies: readonly (readonly [why: string, Upstream])[] = [
  ['another id', () => ({ id: 1 })],
  ['no response', () => ({ response: false })],
  ['another question', () => ({ questions: [{ name: ['other'], type: 1, class: 1 }] })],
  ['another type', () => ({ questions: [{ name: query.name, type: 28, class: 1 }] })],
  ['no question', () => ({ questions: [] })],
];
for (const [why, liar] of lies) {
  test(`a reply with ${why} is not believed`, async () => {
    await using forwarding = await started({ '192.0.2.53': liar });
    await rejects(forwarding.ask(), { code: 'NoUpstreamAnswers' });
  });
}

test('a bare FORMERR is believed', async () => {
  await using forwarding = await started({ '192.0.2.53': () => ({ questions: [], rcode: 1 }) });
  equal((await forwarding.ask()).rcode, 1);
});

test('SERVFAIL from an upstream is an answer', async () => {
  await using forwarding = await started({
    '192.0.2.53': () => ({ rcode: 2 }),
    '192.0.2.54': () => ({ rcode: 2 }),
  });
  equal((await forwarding.ask()).rcode, 2);
  equal(forwarding.asked.length, 1);
});

test('a truncated answer is asked for again over TCP; failing that, TC is passed on', async () => {
  await using forwarding = await started({
    '192.0.2.53': (request, transport) =>
      transport === 'udp' ? { truncated: true } : works(request, transport),
  });
  const reply = await forwarding.ask();
  equal(reply.answers.length, 1);
  deepEqual(forwarding.asked, ['192.0.2.53 udp', '192.0.2.53 tcp']);
  await using udpOnly = await started({
    '192.0.2.53': (_, transport) => (transport === 'udp' ? { truncated: true } : undefined),
  });
  equal((await udpOnly.ask()).truncated, true);
});

test('a client that came over TCP is served over TCP', async () => {
  await using forwarding = await started({ '192.0.2.53': works });
  await forwarding.ask({ transport: 'tcp' });
  deepEqual(forwarding.asked, ['192.0.2.53 tcp']);
});

test('one that failed is asked after the others, and again once a check was answered', async () => {
  let lives = false;
  const moody: Upstream = (request, transport) => (lives ? works(request, transport) : undefined);
  await using forwarding = await started({ '192.0.2.53': moody, '192.0.2.54': works });
  const asked = (): number =>
    forwarding.requests.filter(({ questions: [question] }) => question?.type === 1).length;
  for (let i = 0; i < 20; i += 1) await forwarding.ask();
  equal(asked(), 21);
  lives = true;
  await forwarding.clock.advanceAsync(2000, 500);
  const before = forwarding.asked.filter((one) => one === '192.0.2.53 udp').length;
  for (let i = 0; i < 20; i += 1) await forwarding.ask();
  ok(forwarding.asked.filter((one) => one === '192.0.2.53 udp').length > before + 4);
});

test('forward: read_timeout: when all are dead, each is tried for 2 s, all for no longer than 5 s', async () => {
  const upstreams = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
  await using forwarding = await started(Object.fromEntries(upstreams.map((host) => [host, dead])));
  // Checks of those that failed run meanwhile, and are no attempts.
  const questions = (): number =>
    forwarding.requests.filter(({ questions: [asked] }) => asked?.type === 1).length;
  await rejects(forwarding.ask(), { code: 'NoUpstreamAnswers' });
  equal(questions(), 3);
  // Resting or not, there is nobody else to ask.
  await rejects(forwarding.ask(), { code: 'NoUpstreamAnswers' });
  equal(questions(), 6);
});

test('our own address is never asked', async () => {
  const forwarding = new Forwarding({}, { upstreams: ['127.0.0.1:1053', '127.0.0.1:53'] });
  forwarding.listening = [{ name: 'dns', host: '127.0.0.1', port: 1053 }];
  await forwarding.plugin.start();
  deepEqual(forwarding.problems.reasons, ['ForwardLoop']);
  forwarding.listening = [...forwarding.listening, { name: 'dns', host: '127.0.0.1', port: 53 }];
  equal((await forwarding.ask()).plugin, 'next');
  deepEqual(forwarding.problems.reasons, ['ForwardLoop', 'ForwardLoop', 'NoUpstream']);
  equal((await forwarding.ask()).plugin, 'next');
});

test('transfers are not forwarded', async () => {
  await using forwarding = await started({ '192.0.2.53': works });
  equal((await forwarding.ask({ type: 252 })).plugin, 'next');
});

test('forward: max_concurrent: beyond it queries are refused and counted', async () => {
  const { promise: never } = Promise.withResolvers<Buffer>();
  const meter = new MemoryMeter();
  const plugin = new ForwardPlugin(
    { ...defaultForward, upstreams: ['192.0.2.53'] },
    pluginContext({
      meter,
      forwarding: { random: seededRandom(1), exchange: () => never, randomId: () => 1 },
    }),
  );
  await plugin.start();
  const pending = Array.from({ length: 1000 }, () =>
    plugin.handle(query, () => replyWith('next', {})),
  );
  ok(pending.every((reply) => reply instanceof Promise));
  const reply = await plugin.handle(query, () => replyWith('next', {}));
  equal(reply.rcode, 5);
  equal(meter.values.get('coredns_forward_max_concurrent_rejects_total'), 1);
});

for (const text of ['resolver.example', '192.0.2.1:0', '192.0.2.1:99999', '[::1', '']) {
  test(`"${text}" is no upstream`, () => {
    throws(() => new Forwarding({}, { upstreams: [text] }), { code: 'BadUpstream' });
  });
}
