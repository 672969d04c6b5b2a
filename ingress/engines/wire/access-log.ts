import type { Log } from '../../../controller/base/index.ts';
import type { RouteMatch } from '../../router/index.ts';

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
  readonly match: RouteMatch | undefined;
  /** The one tried last. */
  readonly endpoint: string | undefined;
  readonly tries: number;
  /** Why the engine answered by itself. */
  readonly reason: string;
  readonly detail: string;
}

/** One line of the access log. */
export function logRequest(log: Log, record: RequestRecord): void {
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
