import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Answer, decode, encode, type RecordType } from 'dns-packet';

/** One GET on a connection of its own, with the Host header as given. */
export async function get(
  port: number,
  host: string,
  path: string = '/',
  options: { readonly tls?: boolean; readonly address?: string } = {},
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  const send = options.tls ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const asking = send(
      {
        host: options.address ?? '127.0.0.1',
        port,
        path,
        agent: false,
        headers: { host },
        servername: host,
        // What certificate is shown is tested by its subject, not by its issuer.
        rejectUnauthorized: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
      },
    );
    asking.setTimeout(10_000, () => asking.destroy(new Error('no answer in 10 s')));
    asking.on('error', reject);
    asking.end();
  });
}

/** One DNS question over UDP; rejects when nothing comes back. */
export async function dig(
  port: number,
  name: string,
  type: RecordType,
): Promise<{ rcode: string; answers: readonly Answer[] }> {
  const socket = createSocket('udp4');
  try {
    const query = encode({ type: 'query', id: 1, flags: 0x100, questions: [{ name, type }] });
    socket.send(query, port, '127.0.0.1');
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(5_000) })) as [
      Buffer,
    ];
    const reply = decode(message) as ReturnType<typeof decode> & { rcode: string };
    return { rcode: reply.rcode, answers: reply.answers ?? [] };
  } finally {
    socket.close();
  }
}
