import type { Command } from '../config/index.ts';
import type { TrafficSample } from '../live/index.ts';
import { livePath } from '../live/event-stream.ts';
import { type Printer, safeText } from './printer.ts';
import { tableText } from './table-text.ts';

type Top = Extract<Command, { kind: 'top' }>;

/** Follows a stream of server-sent events until it ends; `askStream` outside of tests. */
export type Follow = (path: string) => AsyncIterable<ServerSentEvent>;

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Moves to the top left corner and clears what is below it (ECMA-48 CUP, ED). */
const clearScreen = '\u001b[H\u001b[J';

/**
 * `portolan top`: prints rates and latencies once a second, over the screen before when standard
 * output is a terminal, until `count` samples are printed.
 * @throws PortolanError `DaemonUnreachable`
 */
export async function runTop(
  { count, rows }: Top,
  follow: Follow,
  printer: Printer,
  isTerminal: boolean,
): Promise<number> {
  let printed = 0;
  for await (const { event, data } of follow(livePath)) {
    if (event !== 'traffic') continue;
    const text = sampleText(JSON.parse(data) as TrafficSample, rows);
    printer.out(`${isTerminal ? clearScreen : ''}${safeText(text)}`);
    printed += 1;
    if (printed === count) return 0;
    if (!isTerminal) printer.out('\n');
  }
  return 0;
}

function sampleText({ atMs, ingress, l4, dns, services }: TrafficSample, rows: number): string {
  const codes = Object.entries(ingress.byCode).map(([code, rate]) => `${code} ${short(rate)}`);
  const rcodes = Object.entries(dns.byRcode).map(([code, rate]) => `${code} ${short(rate)}`);
  const summary = [
    `${new Date(atMs).toISOString()}, per second`,
    `HTTP  ${short(ingress.requests)} requests (${codes.join(', ') || 'none'}), p50 ${ms(ingress.p50Ms)}, p99 ${ms(ingress.p99Ms)}, ${ingress.active} under way, ${ingress.connections} connections`,
    `L4    ${short(l4.connections)} connections, ${l4.active} open, ${short(l4.receivedBytes)} B in, ${short(l4.sentBytes)} B out, ${short(l4.rejected)} turned away`,
    `DNS   ${short(dns.queries)} answers (${rcodes.join(', ') || 'none'}), p50 ${ms(dns.p50Ms)}, p99 ${ms(dns.p99Ms)}`,
  ];
  const busiest = services.slice(0, rows).map((one) => {
    const cells = [one.connections, one.requests, one.errors].map(short);
    return [one.namespace, one.service, ...cells];
  });
  const columns = ['NAMESPACE', 'SERVICE', 'L4/s', 'HTTP/s', 'ERRORS/s'].map((name) => ({ name }));
  return `${summary.join('\n')}\n\n${tableText({ columns, rows: busiest }, false)}`;
}

function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} ms`;
}
