import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { TestContext } from 'node:test';
import { type Api, type ApiOptions, startApi } from '../../../controller/api/index.ts';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import { createMemoryStore, type OpenStore } from '../../../controller/store/index.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

/** An answer, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // Bodies of any shape: a test says what it expects of one.
  readonly json: Record<string, never> & { readonly metadata: Record<string, never> };
}

interface Asked {
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly type?: string;
  readonly accept?: string;
  /** Undefined: the admin's certificate. */
  readonly token?: string;
}

/** An API on a store of its own, and its admin. */
export class TestApi {
  readonly store: OpenStore;
  readonly folder: string;
  readonly api: Api;
  readonly #admin: { readonly cert: string; readonly key: string };

  private constructor(api: Api, store: OpenStore, folder: string) {
    this.api = api;
    this.store = store;
    this.folder = folder;
    const [user] = (
      JSON.parse(readFileSync(api.kubeconfig, 'utf8')) as {
        readonly users: readonly { readonly user: Record<string, string> }[];
      }
    ).users;
    const decoded = (field: string): string =>
      Buffer.from(user?.user[field] ?? '', 'base64').toString();
    this.#admin = { cert: decoded('client-certificate-data'), key: decoded('client-key-data') };
  }

  static async start(context: TestContext, options: Partial<ApiOptions> = {}): Promise<TestApi> {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-api-'));
    const store = createMemoryStore({ clock: systemClock, historyLimit: 20 });
    const api = await startApi({
      objects: store.objects,
      clock: systemClock,
      random: seededRandom(1),
      log: silentLog,
      meter: new MemoryMeter(),
      listen: { host: '127.0.0.1', port: 0 },
      folder,
      nodeName: 'edge',
      manifestOf: () => undefined,
      notReady: () => undefined,
      ...options,
    });
    context.after(async () => {
      await api[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });
    return new TestApi(api, store, folder);
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answered> {
    const message = await this.open(method, path, asked);
    let text = '';
    for await (const chunk of message) text += String(chunk);
    const isJson = message.headers['content-type']?.includes('json') === true && text !== '';
    const json = (isJson ? JSON.parse(text) : {}) as Answered['json'];
    return { status: message.statusCode ?? 0, headers: message.headers, text, json };
  }

  /** A connection of the admin, for what is no plain request. */
  connect(): TLSSocket {
    const { port } = this.api.address;
    return connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...this.#admin });
  }

  /** The answer as it begins: of a watch there is no end. */
  async open(method: string, path: string, asked: Asked = {}): Promise<IncomingMessage> {
    const { body, raw, type = 'application/json', accept = '*/*', token } = asked;
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    return await new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.api.address.port,
          method,
          path,
          agent: false,
          rejectUnauthorized: false,
          ...(token === undefined && this.#admin),
          headers: {
            accept,
            ...(content !== undefined && { 'content-type': type }),
            ...(token && { authorization: `Bearer ${token}` }),
          },
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(content);
    });
  }

  /** The first `count` events of a watch, as `TYPE name`; then it is closed. */
  async watch(path: string, count: number): Promise<readonly string[]> {
    const message = await this.open('GET', path);
    const lines: string[] = [];
    let rest = '';
    for await (const chunk of message) {
      rest += String(chunk);
      const parts = rest.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map(describeEvent));
      if (lines.length >= count) break;
    }
    return lines;
  }
}

function describeEvent(line: string): string {
  const { type, object } = JSON.parse(line) as {
    readonly type: string;
    readonly object: { readonly metadata?: { readonly name?: string }; readonly reason?: string };
  };
  return `${type} ${object.reason ?? object.metadata?.name ?? ''}`.trim();
}
