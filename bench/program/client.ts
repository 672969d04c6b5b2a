/** Runs in the client's namespace: makes connections as told by JSON lines. */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

interface Target {
  readonly host: string;
  readonly port: number;
}

export type ClientOrder =
  /** One connection after another, each up to its first byte. */
  | (Target & { readonly kind: 'connect'; readonly count: number })
  /** As many bytes as come in that time. */
  | (Target & { readonly kind: 'bulk'; readonly seconds: number })
  /** Connects all the time, until `stop`. */
  | (Target & { readonly kind: 'load'; readonly lanes: number })
  | { readonly kind: 'stop' }
  /** Tries until a connection works. */
  | (Target & { readonly kind: 'until'; readonly timeoutMs: number });

export interface LoadCount {
  readonly succeeded: number;
  readonly failures: readonly string[];
}

/** A connection that takes longer has failed. */
const timeoutMs = 2_000;
/** A lane of the load rests so long between two connections. */
const restMs = 4;

/** Milliseconds from `connect` to the first byte. @throws Error */
function greet({ host, port }: Target, deadlineMs: number = timeoutMs): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (error?: Error): void => {
      clearTimeout(timer);
      // A reset leaves no TIME_WAIT behind, of which there would be as many as there are ports.
      if (error) socket.destroy();
      else socket.resetAndDestroy();
      if (error) reject(error);
      else resolve(performance.now() - startedMs);
    };
    const timer = setTimeout(() => end(new Error('no answer')), deadlineMs);
    socket.once('data', () => end());
    socket.once('error', end);
    socket.once('close', () => end(new Error('closed')));
  });
}

async function connectTimes(target: Target, count: number): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (let done = 0; done < count; done += 1) timesMs.push(await greet(target));
  return timesMs;
}

function bytesPerSecond({ host, port }: Target, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const startedMs = performance.now();
    const socket = connect({
      host,
      port,
      onread: {
        buffer: Buffer.alloc(1 << 20),
        callback: (length) => {
          bytes += length;
          return true;
        },
      },
    });
    socket.once('error', reject);
    setTimeout(() => {
      socket.destroy();
      resolve((bytes / (performance.now() - startedMs)) * 1000);
    }, seconds * 1000);
  });
}

const load = { wanted: false };
let lanes: readonly Promise<LoadCount>[] = [];

async function lane(target: Target): Promise<LoadCount> {
  let succeeded = 0;
  const failures: string[] = [];
  while (load.wanted) {
    try {
      await greet(target);
      succeeded += 1;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    await delay(restMs);
  }
  return { succeeded, failures };
}

async function stopLoad(): Promise<LoadCount> {
  load.wanted = false;
  const counts = await Promise.all(lanes);
  return {
    succeeded: counts.reduce((sum, one) => sum + one.succeeded, 0),
    failures: counts.flatMap((one) => one.failures),
  };
}

async function untilConnected(target: Target, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    try {
      await greet(target, 50);
      return performance.now() - startedMs;
    } catch (error) {
      if (performance.now() - startedMs > withinMs) throw error;
      await delay(2);
    }
  }
}

async function obey(order: ClientOrder): Promise<unknown> {
  switch (order.kind) {
    case 'connect':
      return await connectTimes(order, order.count);
    case 'bulk':
      return await bytesPerSecond(order, order.seconds);
    case 'load':
      load.wanted = true;
      lanes = Array.from({ length: order.lanes }, () => lane(order));
      return 'loading';
    case 'stop':
      return await stopLoad();
    case 'until':
      return await untilConnected(order, order.timeoutMs);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await obey(JSON.parse(line) as ClientOrder)));
}
