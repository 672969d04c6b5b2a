import type { RetryCondition, RetryOptions, RouteOptions } from '../../compile/route-options.ts';
import type { IngressAnnotations } from '../read.ts';
import type { Profile, RouteEffects } from './route-effects.ts';

/** ingress-nginx's own, which applies where nobody says otherwise. */
const usualBodyBytes = 1_048_576;

/** Sizes, timeouts, retries, logging. */
export function options(effects: RouteEffects): void {
  const { annotations, profile } = effects.site;
  const bodyBytes = bodyLimit(annotations, profile);
  const connect = annotations.get('proxy-connect-timeout');
  const read = annotations.get('proxy-read-timeout');
  const send = annotations.get('proxy-send-timeout');
  const retry = retryOptions(annotations);
  const made: RouteOptions = {
    ...(bodyBytes !== undefined && { bodyBytes }),
    ...(connect !== undefined && { connectMs: connect * 1000 }),
    ...((read !== undefined || send !== undefined) && {
      readMs: Math.max(read ?? 60, send ?? 60) * 1000,
    }),
    ...(retry && { retry }),
    ...(profile === 'nginx' && { nginxMetrics: true }),
    ...(annotations.get('enable-access-log') === false && { accessLog: false }),
  };
  if (Object.keys(made).length > 0) effects.options = made;
}

function bodyLimit(annotations: IngressAnnotations, profile: Profile): number | undefined {
  const said = annotations.get('proxy-body-size');
  if (said !== undefined) return said === 0 ? Number.POSITIVE_INFINITY : said;
  return profile === 'nginx' ? usualBodyBytes : undefined;
}

const conditions: ReadonlyMap<string, RetryCondition> = new Map([
  ['error', 'error'],
  ['timeout', 'timeout'],
  ['invalid_header', 'invalid-response'],
  ['http_500', 'status-500'],
  ['http_502', 'status-502'],
  ['http_503', 'status-503'],
  ['http_504', 'status-504'],
  ['http_403', 'status-403'],
  ['http_404', 'status-404'],
  ['http_429', 'status-429'],
]);

function retryOptions(annotations: IngressAnnotations): RetryOptions | undefined {
  const words = annotations.get('proxy-next-upstream');
  const tries = annotations.get('proxy-next-upstream-tries');
  const within = annotations.get('proxy-next-upstream-timeout');
  const nonIdempotent =
    words?.includes('non_idempotent') === true ||
    annotations.settings['retry-non-idempotent'] === true;
  const isSilent = words === undefined && tries === undefined && within === undefined;
  if (isSilent && !nonIdempotent) return undefined;
  const isOff = words?.includes('off') === true;
  return {
    ...(words && { on: isOff ? [] : words.flatMap((one) => conditions.get(one) ?? []) }),
    ...(nonIdempotent && { nonIdempotent: true }),
    // 0: as many as there are endpoints.
    ...(tries !== undefined && { attempts: tries === 0 ? Number.POSITIVE_INFINITY : tries }),
    ...(within !== undefined && within > 0 && { withinMs: within * 1000 }),
  };
}
