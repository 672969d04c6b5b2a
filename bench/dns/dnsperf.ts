import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Address } from '../l4/peer.ts';
import { percentile } from '../statistics.ts';

/** Load on one core, the servers by turns on another; unpinned where there is only one. */
const [loadCpus, ownServerCpus] = availableParallelism() > 1 ? ['0', '1'] : [undefined, undefined];

/** Where servers run, as `taskset -c` takes it; undefined: anywhere. */
export const serverCpus: string | undefined = ownServerCpus;

/** One run of dnsperf. */
export interface Load {
  readonly perSecond: number;
  readonly meanLatencyMs: number;
  /** Undefined unless each query was reported. */
  readonly p99LatencyMs?: number;
  readonly sent: number;
  readonly lost: number;
  /** Replies by rcode. */
  readonly rcodes: Readonly<Record<string, number>>;
}

export type Mode = 'udp' | 'tcp' | 'dot';

export interface LoadOptions {
  readonly mode: Mode;
  /** File of `name type` lines. */
  readonly list: string;
  readonly seconds: number;
  /** Queries a second; undefined: as many as are answered. */
  readonly rate?: number;
  readonly threads?: number;
  /** A query without a reply for this long is lost. Default 5. */
  readonly timeoutSeconds?: number;
}

/** Runs dnsperf with 100 queries in flight from 10 clients. */
export async function dnsperf({ host, port }: Address, options: LoadOptions): Promise<Load> {
  const { mode, list, seconds, rate, threads = 1, timeoutSeconds = 5 } = options;
  const pin = loadCpus === undefined || threads > 1 ? [] : ['taskset', '-c', loadCpus];
  const args = ['-s', host, '-p', String(port), '-d', list, '-l', String(seconds), '-m', mode];
  args.push('-q', '100', '-c', '10', '-T', String(threads), '-t', String(timeoutSeconds));
  // Reporting each query costs the generator what it could send instead.
  if (rate !== undefined) args.push('-Q', String(Math.round(rate)), '-v');
  const [file = '', ...rest] = [...pin, 'dnsperf', ...args];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  await once(child, 'close');
  return parseDnsperf(chunks.join(''));
}

/** Reads what dnsperf prints. */
export function parseDnsperf(text: string): Load {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const latencies = [...text.matchAll(/^> \w+ .* (\d+\.\d+)$/gm)].map(([, one]) => Number(one));
  const codes = /Response codes:\s+(.*)/.exec(text)?.[1] ?? '';
  return {
    perSecond: number(/Queries per second:\s+([\d.]+)/),
    meanLatencyMs: Math.round(number(/Average Latency \(s\):\s+([\d.]+)/) * 1e6) / 1000,
    ...(latencies.length > 0 && { p99LatencyMs: percentile(latencies, 0.99) * 1000 }),
    sent: number(/Queries sent:\s+(\d+)/),
    lost: number(/Queries lost:\s+(\d+)/),
    rcodes: Object.fromEntries(
      [...codes.matchAll(/(\w+) (\d+)/g)].map(([, name = '', count]) => [name, Number(count)]),
    ),
  };
}
