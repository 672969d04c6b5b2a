import type { Random } from '../../../controller/base/index.ts';
import { seededRandom } from '../../../controller/base/index.ts';
import type { Transport } from '../../../dns/plugins/plugin.ts';
import { decodeMessage, encodeMessage } from '../../../dns/wire/index.ts';
import { CorefileServer } from '../corefile-server.ts';
import { bundle, slice } from '../objects.ts';
import { corpus, replies } from './corpus.ts';
import { mutate } from './mutate.ts';

/** Every plugin that looks at names, and what changes them on the way. */
const corefile = `. {
  errors
  nsid here
  bufsize 1232
  any
  chaos
  loadbalance
  rewrite continue name suffix .old .new answer auto
  rewrite edns0 subnet set 24 56
  acl {
    block type TXT net 198.51.100.0/24
  }
  cache
  minimal
  template IN MX {
    match (?P<first>[^.]*)[.]example[.]org[.]$
    answer "{{ .Name }} 60 IN MX 10 {{ .Group.first }}."
    fallthrough
  }
  hosts {
    192.0.2.1 hosts.example
    fallthrough
  }
  k8s_external ext.org
  transfer {
    to *
  }
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }
  forward . 192.0.2.53
}`;

const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80 }] }),
  bundle('shop/many', { clusterIP: 'None' }, [
    slice(
      'shop/many-1',
      Array.from({ length: 200 }, (_, i) => `10.1.0.${i}`),
    ),
  ]),
  bundle('shop/out', { type: 'ExternalName', externalName: 'x.org' }),
];

const transports: readonly Transport[] = ['udp', 'udp', 'tcp', 'tls', 'https'];
/** A query that takes this long is a way to stop the server. */
const maxTookMs = 500;

/** A message that the server did not take as it must. */
export interface Finding {
  readonly why: string;
  readonly hex: string;
}

export interface FuzzResult {
  readonly iterations: number;
  readonly answered: number;
  readonly findings: readonly Finding[];
}

/** Sends mutated messages, upstream's replies among them, until `goesOn` says enough. */
export async function fuzz(
  seed: number,
  goesOn: (iterations: number) => boolean,
): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const starts = corpus();
  await using server = await CorefileServer.start(corefile, (request) =>
    upstream(random, replies(request)),
  );
  server.load(services);
  const findings: Finding[] = [];
  let iterations = 0;
  let answered = 0;
  for (; goesOn(iterations) && findings.length < 20; iterations += 1) {
    const octets = mutate(starts, random);
    const transport = transports[iterations % transports.length] ?? 'udp';
    const why = await judge(server, octets, transport);
    if (why === 'answered') answered += 1;
    else if (why !== undefined) findings.push({ why, hex: octets.toString('hex') });
    if (iterations % 1000 === 0) server.clock.advance(10_000);
  }
  return { iterations, answered, findings };
}

/** What an upstream sends: now and then something else than a reply. */
function upstream(random: Random, honest: readonly Buffer[]): object | undefined {
  try {
    const reply = decodeMessage(mutate(honest, random));
    // What cannot be written is not sent: this upstream is made of decoded messages.
    encodeMessage(reply);
    return reply;
  } catch {
    return undefined;
  }
}

/** `answered`, undefined for silence, or what is wrong. */
async function judge(
  server: CorefileServer,
  octets: Buffer,
  transport: Transport,
): Promise<string | undefined> {
  const client = { address: '192.0.2.7', port: 40_000 };
  const startedMs = performance.now();
  let reply: Buffer | undefined;
  try {
    reply = await server.responder.respond(octets, { transport, client, family: 4 });
  } catch (error) {
    return `threw ${String(error)}`;
  }
  const tookMs = performance.now() - startedMs;
  if (tookMs > maxTookMs) return `took ${Math.round(tookMs)} ms`;
  if (server.meter.values.get('coredns_panics_total')) return 'a plugin panicked';
  if (!reply) return undefined;
  if (octets.length < 12 || (octets[2] ?? 0) & 0x80) return 'answered what is no query';
  if (!reply.subarray(0, 2).equals(octets.subarray(0, 2))) return 'answered under another id';
  if (transport === 'udp' && reply.length > 1232) return `answered with ${reply.length} octets`;
  try {
    decodeMessage(reply);
  } catch (error) {
    return `wrote what nobody can read: ${String(error)}`;
  }
  return 'answered';
}
