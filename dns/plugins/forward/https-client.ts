import { isIP } from 'node:net';
import { Pool } from 'undici';
import { PortolanError } from '../../../controller/base/index.ts';
import { maxMessageOctets } from '../../wire/index.ts';
import type { TlsClient } from './connections.ts';
import { formatUpstream, type Upstream } from './upstream.ts';

const mediaType = 'application/dns-message';
/** To one upstream. HTTP/2 puts many queries on each; HTTP/1.1 servers need the others. */
const maxConnections = 8;

export interface HttpsClientOptions {
  readonly tls: TlsClient;
  /** How long an unused connection is kept. */
  readonly idleMs: number;
  readonly method: 'GET' | 'POST';
  readonly sourceAddress: string | undefined;
}

/** Asks upstreams over HTTPS (RFC 8484), HTTP/2 where they speak it. */
export class HttpsClient implements AsyncDisposable {
  readonly #options: HttpsClientOptions;
  readonly #pools: Map<string, Pool> = new Map();

  constructor(options: HttpsClientOptions) {
    this.#options = options;
  }

  /**
   * The message that the upstream sends back, whatever it says.
   * @throws PortolanError `UpstreamFailed` for other statuses and too long bodies; what undici throws
   */
  async ask(upstream: Upstream, request: Buffer, signal: AbortSignal): Promise<Buffer> {
    const { method } = this.#options;
    const path = upstream.httpsPath ?? '/dns-query';
    const { statusCode, body } = await this.#pool(upstream).request({
      method,
      path: method === 'POST' ? path : `${path}?dns=${request.toString('base64url')}`,
      headers: {
        accept: mediaType,
        ...(method === 'POST' && { 'content-type': mediaType }),
      },
      body: method === 'POST' ? request : null,
      signal,
    });
    if (statusCode !== 200) {
      await body.dump({ limit: maxMessageOctets });
      throw new PortolanError('UpstreamFailed', `HTTP status ${statusCode}`);
    }
    const chunks: Buffer[] = [];
    let octets = 0;
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      octets += chunk.length;
      if (octets > maxMessageOctets) {
        throw new PortolanError('UpstreamFailed', 'the reply is longer than 65535 octets');
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(upstream: Upstream): Pool {
    const key = formatUpstream(upstream);
    const known = this.#pools.get(key);
    if (known) return known;
    const { tls, idleMs, sourceAddress } = this.#options;
    const { host, port, tlsServerName = '' } = upstream;
    const place = isIP(host) === 6 ? `[${host}]` : host;
    const pool = new Pool(`https://${place}:${port}`, {
      connections: maxConnections,
      allowH2: true,
      keepAliveTimeout: Math.max(1, idleMs),
      connect: {
        ...tls,
        // An address can't be sent as a server name; the certificate is checked against it anyway.
        ...(tlsServerName !== '' && { servername: tlsServerName }),
        ...(sourceAddress !== undefined && { localAddress: sourceAddress }),
      },
    });
    this.#pools.set(key, pool);
    return pool;
  }
}
