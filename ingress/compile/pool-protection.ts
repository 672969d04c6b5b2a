import { parseDurationMs } from '../../controller/base/index.ts';
import type { Service } from '../../controller/objects/index.ts';

/** How a pool's endpoints are kept from harm, and requests from endpoints that harm them. */
export interface PoolProtection {
  /** Requests without a response, in a row, that eject an endpoint. Infinity: none do. */
  readonly consecutiveErrors: number;
  /** Responses from 500 on, in a row, that do. Infinity: none do. */
  readonly consecutive5xx: number;
  /** Milliseconds of the first ejection; the second is twice as long, and so on. */
  readonly ejectionMs: number;
  readonly maxEjectionMs: number;
  /** Of the pool's endpoints, from 0 to 1: no more are ejected at a time. */
  readonly maxEjectedShare: number;
  /** Under way at one endpoint, in one worker. Infinity: no limit. */
  readonly requestsPerEndpoint: number;
  /** That wait while all endpoints are full, in one worker; more are answered 503. */
  readonly pendingRequests: number;
  /** Milliseconds that they wait at most. */
  readonly pendingMs: number;
  /** Milliseconds over which an endpoint that joins a pool gets up to its share. 0: at once. */
  readonly slowStartMs: number;
}

/**
 * What pools have unless their Service says otherwise. Statuses eject nobody: an application that
 * answers 500 may mean it, connections that break nobody means.
 */
export const usualProtection: PoolProtection = {
  consecutiveErrors: 5,
  consecutive5xx: Number.POSITIVE_INFINITY,
  ejectionMs: 5_000,
  maxEjectionMs: 300_000,
  maxEjectedShare: 0.5,
  requestsPerEndpoint: Number.POSITIVE_INFINITY,
  pendingRequests: 0,
  pendingMs: 1_000,
  slowStartMs: 0,
};

/** On a Service: `consecutive-errors=5, requests-per-endpoint=100, slow-start=30s`. */
export const protectionAnnotation = 'portolan.dev/protection';

type Setting = (text: string) => Partial<PoolProtection> | undefined;

const settings: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['consecutive-errors', (text) => count(text, (consecutiveErrors) => ({ consecutiveErrors }))],
  ['consecutive-5xx', (text) => count(text, (consecutive5xx) => ({ consecutive5xx }))],
  ['ejection', (text) => time(text, (ejectionMs) => ({ ejectionMs }))],
  ['max-ejection', (text) => time(text, (maxEjectionMs) => ({ maxEjectionMs }))],
  ['max-ejected', (text) => share(text, (maxEjectedShare) => ({ maxEjectedShare }))],
  [
    'requests-per-endpoint',
    (text) => count(text, (requestsPerEndpoint) => ({ requestsPerEndpoint })),
  ],
  ['pending-requests', (text) => count(text, (pendingRequests) => ({ pendingRequests }))],
  ['pending', (text) => time(text, (pendingMs) => ({ pendingMs }))],
  ['slow-start', (text) => time(text, (slowStartMs) => ({ slowStartMs }))],
]);

/** Reads the annotation. Entries that are none are left out, and told in one sentence each. */
export function protectionOf({ metadata }: Service): {
  readonly protection: PoolProtection;
  readonly errors: readonly string[];
} {
  const text = metadata.annotations?.[protectionAnnotation];
  if (text === undefined) return { protection: usualProtection, errors: [] };
  let protection = usualProtection;
  const errors: string[] = [];
  for (const entry of text.split(',')) {
    const [name = '', value = ''] = entry.split('=').map((part) => part.trim());
    const read = settings.get(name);
    const setting = read?.(value);
    if (setting) protection = { ...protection, ...setting };
    else if (read) errors.push(`"${entry.trim().slice(0, 64)}" has no value that ${name} can have`);
    else errors.push(`"${name.slice(0, 64)}" is none of ${[...settings.keys()].join(', ')}`);
  }
  return { protection, errors };
}

/** A whole number above 0, or `off` for no limit. */
function count<T>(text: string, set: (value: number) => T): T | undefined {
  if (text === 'off') return set(Number.POSITIVE_INFINITY);
  return /^[1-9]\d{0,8}$/.test(text) ? set(Number(text)) : undefined;
}

function time<T>(text: string, set: (ms: number) => T): T | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : set(ms);
}

function share<T>(text: string, set: (value: number) => T): T | undefined {
  const percent = /^(\d{1,3})%$/.exec(text)?.[1];
  return percent === undefined || Number(percent) > 100 ? undefined : set(Number(percent) / 100);
}
