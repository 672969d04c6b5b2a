/**
 * Runs inside one namespace of the lab, told what to do by JSON lines on standard input. Serves
 * echo ports that answer `NAME SOURCE-ADDRESS`, and makes one connection at a time for the asker.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { SctpSocket } from './sctp-socket.ts';

/** What an agent may be told; each is answered by one `AgentAnswer` with the same id. */
export type AgentRequest = { readonly id: number } & (
  | { readonly kind: 'serve'; readonly name: string; readonly host: string; readonly port: number }
  | {
      readonly kind: 'ask';
      readonly protocol: 'TCP' | 'UDP' | 'SCTP';
      readonly host: string;
      readonly port: number;
      /** Source address; absent: the kernel chooses. */
      readonly from?: string;
      /** Source port, to keep a UDP flow. */
      readonly fromPort?: number;
      readonly timeoutMs: number;
    }
);

/** `text`: what the server said, or `refused`, `reset`, `silence`, or an errno name. */
export interface AgentAnswer {
  readonly id: number;
  readonly text: string;
}

/** As the kernel of a dual-stack socket writes IPv4. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');

async function serve(name: string, host: string, port: number): Promise<string> {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${name} ${plain(socket.remoteAddress ?? '')}`);
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, host, resolve);
  });
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (_, { address, port: from }) =>
    udp.send(`${name} ${plain(address)}`, from, address),
  );
  await new Promise<void>((resolve) => udp.bind(port, host, resolve));
  serveSctp(name, host, port);
  return 'serving';
}

/** Answers the first packet of an association, which is as far as planes decide. */
function serveSctp(name: string, host: string, port: number): void {
  const raw = new SctpSocket(host, familyOf(host), (packet, from) => {
    if (packet.kind !== 'init' || packet.destinationPort !== port) return;
    const answer = {
      kind: 'initAck',
      sourcePort: port,
      destinationPort: packet.sourcePort,
    } as const;
    raw.send({ ...answer, initiateTag: 1, text: `${name} ${from}` }, packet.initiateTag, from);
  });
}

const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4');

type Ask = Extract<AgentRequest, { kind: 'ask' }>;

function ask(request: Ask): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish('silence'), request.timeoutMs);
    const close = askers[request.protocol](request, finish);
    function finish(text: string): void {
      clearTimeout(timer);
      close();
      resolve(text);
    }
  });
}

function askTcp({ host, port, from }: Ask, finish: (text: string) => void): () => void {
  const socket = connect({ host, port, ...(from !== undefined && { localAddress: from }) });
  socket.on('error', (error) => finish(nameOf(error)));
  socket.on('data', (data) => finish(data.toString()));
  return () => socket.destroy();
}

function askUdp({ host, port, from, fromPort }: Ask, finish: (text: string) => void): () => void {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  socket.on('error', (error) => finish(nameOf(error)));
  socket.on('message', (data) => finish(data.toString()));
  socket.bind({ port: fromPort ?? 0, ...(from !== undefined && { address: from }) }, () => {
    socket.connect(port, host, (error?: Error) => {
      if (error) finish(nameOf(error));
      // What a rule of this very host drops or rejects is EPERM at once; a rejection follows.
      else
        socket.send(
          '?',
          (failed) => failed && nameOf(failed) !== 'EPERM' && finish(nameOf(failed)),
        );
    });
  });
  return close;
}

let sctpPort = 20_000 + (process.pid % 20_000);

function askSctp({ host, port, from }: Ask, finish: (text: string) => void): () => void {
  sctpPort += 1;
  const sourcePort = sctpPort;
  const raw = new SctpSocket(
    from,
    familyOf(host),
    (packet) => {
      if (packet.kind === 'initAck' && packet.destinationPort === sourcePort) finish(packet.text);
    },
    () => finish('refused'),
  );
  raw.connect(host);
  raw.send({ kind: 'init', sourcePort, destinationPort: port, initiateTag: 1, text: '' }, 0, host);
  return () => raw[Symbol.dispose]();
}

const askers = { TCP: askTcp, UDP: askUdp, SCTP: askSctp } as const;

function nameOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.message;
  if (code === 'ECONNRESET') return 'reset';
  return code === 'ECONNREFUSED' ? 'refused' : code;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as AgentRequest;
  const work =
    request.kind === 'serve' ? serve(request.name, request.host, request.port) : ask(request);
  work
    .catch((error: unknown) => (error instanceof Error ? nameOf(error) : String(error)))
    .then((text) => process.stdout.write(`${JSON.stringify({ id: request.id, text })}\n`))
    .catch(() => process.exit(1));
}
