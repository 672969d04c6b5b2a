import type { RequestRecord } from './access-log.ts';

/** `combined` is Apache's and nginx's; `upstreaminfo` is what ingress-nginx writes. */
export type AccessLogFormat = 'combined' | 'upstreaminfo';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** One line, with its end. Paths come without their query, in which people put tokens. */
export function accessLogLine(
  format: AccessLogFormat,
  record: RequestRecord,
  wallMs: number,
): string {
  const line =
    `${record.client} - - [${timeText(wallMs)}] ` +
    `"${quoted(`${record.method} ${record.path} HTTP/${record.version}`)}" ` +
    `${record.status} ${record.sentBytes} ` +
    `"${quoted(record.referer ?? '-')}" "${quoted(record.userAgent ?? '-')}"`;
  return format === 'combined' ? `${line}\n` : `${line} ${upstreamText(record)}\n`;
}

/** From `$request_length` to `$req_id`, as ingress-nginx has them. */
function upstreamText(record: RequestRecord): string {
  const { backend } = record.match ?? {};
  // `namespace-service-port`, where a pool's key is `namespace/service:port`.
  const name = backend?.kind === 'pool' ? backend.pool.replace(/[/:]/g, '-') : '';
  const isAsked = record.endpoint !== undefined;
  const seconds = record.seconds.toFixed(3);
  const upstream = isAsked
    ? `${record.endpoint} ${record.sentBytes} ${seconds} ${record.status}`
    : '- - - -';
  return `${record.receivedBytes} ${seconds} [${name}] [] ${upstream} ${record.requestId}`;
}

/** As nginx escapes: what could end the quotes or the line, and what is no ASCII. */
function quoted(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- they are what it is about.
    /["\\\x00-\x1f\x7f-\uffff]/g,
    (special) => `\\x${(special.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** `$time_local`, in UTC: `21/Nov/2026:04:26:04 +0000`. */
function timeText(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}
