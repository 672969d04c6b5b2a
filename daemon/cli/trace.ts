import { isIPv6, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { describeError } from '../../controller/base/index.ts';
import type { Command } from '../config/index.ts';
import type { Trace, TraceStep } from '../trace/index.ts';
import { tracePath } from '../trace/answer.ts';
import type { Ask } from './get.ts';
import { type Printer, safeText } from './printer.ts';

type TraceCommand = Extract<Command, { kind: 'trace' }>;

const liveTimeoutMs = 10_000;

/**
 * `portolan trace`: prints the way of a request step by step. Exit status 1 when nobody would
 * answer. `--live` sends it too, and says what came back and how long each part took.
 * @throws PortolanError as `askDaemon`
 */
export async function runTrace(command: TraceCommand, ask: Ask, printer: Printer): Promise<number> {
  const query = new URLSearchParams({ target: command.target, namespace: command.namespace });
  if (command.from !== undefined) query.set('from', command.from);
  query.set('method', command.method);
  for (const header of command.headers) query.append('header', header);
  const reply = await ask(`${tracePath}?${query.toString()}`);
  if (reply.status !== 200) {
    printer.error(`portolan: ${safeText(reply.body).trimEnd()}\n`);
    return 1;
  }
  const trace = JSON.parse(reply.body) as Trace;
  if (command.output === 'json') {
    printer.out(`${safeText(JSON.stringify(trace, undefined, 2))}\n`);
  } else {
    printer.out(safeText(traceText(trace)));
  }
  if (command.live) printer.out(safeText(`${await sendLive(command, trace)}\n`));
  return trace.steps.some(({ verdict }) => verdict === 'stopped') ? 1 : 0;
}

const marks = { passed: '+', stopped: 'x', note: '-' } as const satisfies Record<
  TraceStep['verdict'],
  string
>;

function traceText({ steps, outcome }: Trace): string {
  const width = Math.max(...steps.map(({ name }) => name.length));
  const lines = steps.flatMap(({ name, verdict, text, details }) => [
    `${marks[verdict]} ${name.padEnd(width)}  ${text}`,
    ...details.map((detail) => `${' '.repeat(width + 6)}${detail}`),
  ]);
  return `${[...lines, '', outcome].join('\n')}\n`;
}

/**
 * Sends the request from this machine, to the address that was traced: a name like shop.localhost
 * need not resolve. Certificates are not judged here, as the trace told of them.
 */
async function sendLive(
  { target, method, headers }: TraceCommand,
  { listener }: Trace,
): Promise<string> {
  if (!listener) return 'live: only URLs of a listener are sent';
  const agent = new Agent({
    connect: { lookup: always(listener.host), rejectUnauthorized: false },
  });
  const url = new URL(target);
  const fields = Object.fromEntries(headers.map(splitHeader));
  const started = performance.now();
  try {
    const answer = await request(
      new URL(`${url.pathname}${url.search}`, origin(url, listener.port)),
      {
        dispatcher: agent,
        method,
        headers: { host: url.host, ...fields },
        headersTimeout: liveTimeoutMs,
        bodyTimeout: liveTimeoutMs,
      },
    );
    const headMs = performance.now() - started;
    let bytes = 0;
    for await (const chunk of answer.body) bytes += (chunk as Buffer).length;
    const doneMs = performance.now() - started;
    return `live: ${answer.statusCode}, head after ${headMs.toFixed(1)} ms, ${bytes} bytes after ${doneMs.toFixed(1)} ms`;
  } catch (error) {
    return `live: no answer: ${describeError(error)}`;
  } finally {
    await agent.destroy();
  }
}

function origin(url: URL, port: number): string {
  return `${url.protocol}//${url.hostname}:${port}`;
}

/** Every name is this address: 0.0.0.0 and :: are reached on loopback. */
function always(host: string): LookupFunction {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const family = isIPv6(address) ? 6 : 4;
  return (_name, { all }, callback) =>
    all ? callback(null, [{ address, family }]) : callback(null, address, family);
}

function splitHeader(written: string): readonly [name: string, value: string] {
  const colon = written.indexOf(':');
  return [written.slice(0, colon).trim(), written.slice(colon + 1).trim()];
}
