import { write } from 'node:fs';
import type { Log } from '../../../controller/base/index.ts';
import type { EngineOptions } from '../shared/options.ts';
import type { RouteMatch } from '../../router/index.ts';
import { accessLogLine } from './access-log-text.ts';
import { AccessLogWriter } from './access-log-writer.ts';

/** What is told about a request that has ended. Texts are '' where there is nothing to tell. */
export interface RequestRecord {
  readonly requestId: string;
  readonly client: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Without the query, in which people put tokens. */
  readonly path: string;
  readonly version: '1.0' | '1.1' | '2.0';
  readonly status: number;
  readonly seconds: number;
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  /** Of the request's body, and of the response's. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly match: RouteMatch | undefined;
  /** The one tried last. */
  readonly endpoint: string | undefined;
  readonly tries: number;
  /** Why the engine answered by itself. */
  readonly reason: string;
  readonly detail: string;
}

/** Takes what is told about requests; undefined: nobody wants to know. */
export type AccessLog = (record: RequestRecord) => void;

/** The access log that a configuration asks for, and what ends it. */
export function createAccessLog(options: EngineOptions): {
  readonly log: AccessLog | undefined;
  readonly writer: AccessLogWriter | undefined;
} {
  const { accessLog: isOn = true, accessLogFormat = 'json', clock, random } = options;
  const { accessLogSample = 1, accessLogSink = toStandardError } = options;
  if (!isOn) return { log: undefined, writer: undefined };
  const sampled = (log: AccessLog): AccessLog =>
    accessLogSample >= 1
      ? log
      : (record) => {
          // What went wrong is told in any case.
          if (record.status >= 500 || random() < accessLogSample) log(record);
        };
  if (accessLogFormat === 'json') {
    return { log: sampled((record) => logRequest(options.log, record)), writer: undefined };
  }
  const dropped = options.meter.counter({
    name: 'portolan_ingress_access_log_dropped_total',
    help: 'Lines of the access log dropped because nobody read them fast enough.',
  });
  const writer = new AccessLogWriter(accessLogSink, clock, dropped.bind());
  const log: AccessLog = (record) =>
    writer.write(accessLogLine(accessLogFormat, record, clock.wallMs()));
  return { log: sampled(log), writer };
}

/** A line that cannot be written has nowhere else to go. */
function toStandardError(text: string, done: () => void): void {
  write(2, text, () => done());
}

/** One line of the access log as JSON. */
function logRequest(log: Log, record: RequestRecord): void {
  const { route, backend } = record.match ?? {};
  log.info(
    {
      requestId: record.requestId,
      client: record.client,
      method: record.method,
      scheme: record.scheme,
      host: record.host,
      path: record.path,
      httpVersion: record.version,
      status: record.status,
      durationMs: Math.round(record.seconds * 1000),
      ...(record.userAgent !== undefined && { userAgent: record.userAgent }),
      ...(route && { ingress: `${route.ingress.namespace}/${route.ingress.name}` }),
      ...(backend?.kind === 'pool' && { pool: backend.pool }),
      ...(record.endpoint !== undefined && { endpoint: record.endpoint, tries: record.tries }),
      ...(record.reason && { reason: record.reason }),
      ...(record.detail && { detail: record.detail }),
    },
    'request',
  );
}
