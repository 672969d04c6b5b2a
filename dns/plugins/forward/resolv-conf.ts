import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { describeError, type Clock } from '../../../controller/base/index.ts';
import type { Upstream } from './upstream.ts';

/** As many as a `forward` line may have. */
const maxUpstreams = 15;

/** Resolvers change with networks and leases; seldom, and nobody waits for it. */
const pollMs = 5000;

/** The `nameserver` lines of resolv.conf(5), in order. Others, and bad addresses, are skipped. */
export function parseResolvConf(text: string): readonly Upstream[] {
  const upstreams: Upstream[] = [];
  for (const line of text.split('\n')) {
    const host = /^nameserver[ \t]+([^\s#;]+)/.exec(line)?.[1];
    if (host === undefined || isIP(host) === 0 || upstreams.length >= maxUpstreams) continue;
    upstreams.push({ host, port: 53 });
  }
  return upstreams;
}

/** What a resolv.conf says now, or why it says nothing. */
export type ResolvConf =
  | { readonly kind: 'read'; readonly upstreams: readonly Upstream[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads the file now and then, and calls back when it says something new. By time, not by file
 * events: what writes this file replaces it, often through a symlink into another file system.
 */
export class ResolvConfWatch implements Disposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onChange: (now: ResolvConf) => void;
  #last: string | undefined;
  #timer: Disposable | undefined;
  #stopped = false;

  constructor(path: string, clock: Clock, onChange: (now: ResolvConf) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Resolves after the first reading. Never rejects. */
  async start(): Promise<void> {
    await this.#poll();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #poll(): Promise<void> {
    const now = await readResolvConf(this.#path);
    if (this.#stopped) return;
    const seen = JSON.stringify(now);
    if (seen !== this.#last) this.#onChange(now);
    this.#last = seen;
    this.#timer = this.#clock.schedule(pollMs, () => void this.#poll());
  }
}

async function readResolvConf(path: string): Promise<ResolvConf> {
  try {
    return { kind: 'read', upstreams: parseResolvConf(await readFile(path, 'utf8')) };
  } catch (error) {
    return { kind: 'unreadable', why: describeError(error) };
  }
}
