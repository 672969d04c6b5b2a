/**
 * A worker process: runs the userspace plane, the DNS server and the ingress engine on tables
 * that the main process sends. Ends when told to, or when the main process is gone.
 */
import {
  type Problem,
  type ProblemSink,
  systemClock,
  systemRandom,
} from '../../controller/base/index.ts';
import { createLogger } from '../log.ts';
import { PrometheusMeter } from '../metrics/prometheus-meter.ts';
import type { WorkerConfiguration } from './configuration.ts';
import { createPlanes, type Planes } from './planes.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** Ends the process: the main process starts another, with whole tables. */
function giveUp(error: unknown): never {
  process.stderr.write(
    `portolan worker: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}

function send(message: FromWorker): void {
  // Nobody to tell if the channel is closing: `disconnect` ends this process then.
  process.send?.(message, undefined, undefined, () => {});
}

function start(configuration: WorkerConfiguration): { planes: Planes; meter: PrometheusMeter } {
  const log = createLogger({
    level: configuration.logLevel,
    format: configuration.logFormat,
  }).child({ worker: configuration.id });
  const meter = new PrometheusMeter();
  const problems: ProblemSink = {
    replace: (source: string, list: readonly Problem[]) =>
      send({ kind: 'problems', source, problems: list }),
  };
  const context = { log, meter, problems, clock: systemClock, random: systemRandom };
  return { planes: createPlanes(configuration, context, send), meter };
}

let running: ReturnType<typeof start> | undefined;

async function drain(deadlineMs: number): Promise<void> {
  const { l4, dns, ingress } = running?.planes ?? {};
  const runners = [l4, dns, ingress].filter((one) => one !== undefined);
  await Promise.all(
    runners.map(async (runner) => {
      await runner.idle();
      await runner.plane.drain(deadlineMs);
      await runner.plane[Symbol.asyncDispose]();
    }),
  );
  process.disconnect?.();
}

async function receive(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'configure':
      running = start(message.configuration);
      return;
    case 'snapshot':
    case 'diff':
      running?.planes[message.plane]?.take(message);
      return;
    case 'metrics': {
      const snapshot = running?.meter.snapshot() ?? [];
      return send({ kind: 'metrics', id: message.id, snapshot });
    }
    case 'sums': {
      const rows = running?.meter.sums(message.queries) ?? [];
      return send({ kind: 'sums', id: message.id, rows });
    }
    case 'explain': {
      const text = await running?.planes.explainDns?.(message.question);
      return send({ kind: 'explained', id: message.id, text: text ?? 'DNS is turned off\n' });
    }
    case 'limit-answers':
      return running?.planes.limits?.answered(message.answers);
    case 'reload':
      return await running?.planes.reload();
    case 'drain':
      return await drain(message.deadlineMs);
    default:
      message satisfies never;
  }
}

process.on('message', (message) => void receive(message as ToWorker).catch(giveUp));
process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', giveUp);
// Signals reach the whole process group of a terminal; the main process decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
