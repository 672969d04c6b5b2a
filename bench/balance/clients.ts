import { connect } from 'node:net';

/** What became of the connections: who answered each client. */
export interface Answers {
  /** Name of the endpoint by client address. */
  readonly byClient: ReadonlyMap<string, string>;
  /** Messages of the connections that failed. */
  readonly failures: readonly string[];
}

/** Connections at a time: enough to keep every endpoint busy, few enough for one process. */
const concurrency = 100;
const answerTimeoutMs = 10_000;

/** `count` distinct loopback addresses, all below 127.64.0.0/14. */
export function clientAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    return `127.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
  });
}

/** One connection from each client address, in their order. */
export async function connectAll(
  clients: readonly string[],
  host: string,
  port: number,
): Promise<Answers> {
  const byClient = new Map<string, string>();
  const failures: string[] = [];
  const queue = clients.values();
  const work = async (): Promise<void> => {
    for (const client of queue) {
      try {
        byClient.set(client, await ask(client, host, port));
      } catch (error) {
        failures.push(`${client}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { byClient, failures };
}

/** Connects from an address of its own and reads to the end: the endpoint's name. */
async function ask(localAddress: string, host: string, port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, localAddress });
    let name = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      name += String(chunk);
    });
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.once('end', () =>
      name === '' ? reject(new Error('closed unanswered')) : resolve(name),
    );
    socket.once('error', reject);
  });
}
