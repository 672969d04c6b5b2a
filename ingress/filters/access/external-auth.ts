import { describeError } from '../../../controller/base/index.ts';
import type { FilterContext, OwnAnswer, RequestVerdict } from '../filter.ts';
import type { FilteredRequest } from '../filtered.ts';
import type { AskedResponse } from '../http-ask.ts';
import { endpointUrl, type ServiceUrl } from '../service-url.ts';
import { compileTemplate, type Template } from '../template.ts';
import type { Authenticator } from './index.ts';

/** A service that is asked about each request. */
export interface ExternalAuthSettings {
  readonly target: ServiceUrl;
  /** Undefined: GET, and the client's own in X-Original-Method alone. */
  readonly method: string | undefined;
  /** Where clients go that have to sign in, with variables. */
  readonly signin: string | undefined;
  /** The parameter in which that place learns where they came from. */
  readonly redirectParameter: string;
  /** X-Auth-Request-Redirect, with variables. */
  readonly requestRedirect: string | undefined;
  /** Of the service's answer, for endpoints. Clients cannot send them. */
  readonly responseHeaders: readonly string[];
  /** For the service. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly alwaysSetCookie: boolean;
}

const timeoutMs = 60_000;
/** With these, nginx' add_header sends cookies; otherwise only with `alwaysSetCookie`. */
const cookieStatuses: ReadonlySet<number> = new Set([
  200, 201, 204, 206, 301, 302, 303, 304, 307, 308,
]);
const failed: OwnAnswer = { status: 500, reason: 'auth-service' };

/** Asks a service whether a request may pass. No answer, or a strange one: it may not. */
export function externalAuth(
  settings: ExternalAuthSettings,
  context: FilterContext,
): Authenticator {
  const url = compileTemplate(settings.target.url);
  const signin = settings.signin === undefined ? undefined : compileTemplate(settings.signin);
  const redirect = compileTemplate(settings.requestRedirect ?? '$request_uri');
  const cookies = new WeakMap<FilteredRequest, readonly string[]>();
  const ask = async (request: FilteredRequest): Promise<AskedResponse> => {
    const { url: place, host } = endpointUrl(url(request), settings.target.pool, context);
    const method = settings.method ?? 'GET';
    const fields = askedFields(request, settings, host, redirect(request));
    return context.http({ method, url: place, fields, signal: request.signal, timeoutMs });
  };
  return {
    async request(request): Promise<RequestVerdict> {
      let answer: AskedResponse;
      try {
        answer = await ask(request);
      } catch (error) {
        const reason = describeError(error);
        context.log.warn({ reason, route: request.route.id }, 'no answer from the auth service');
        return failed;
      }
      const setCookies = answer.fields.filter(([name]) => name === 'set-cookie');
      if (setCookies.length > 0)
        cookies.set(
          request,
          setCookies.map(([, value]) => value),
        );
      if (answer.status >= 200 && answer.status < 300) {
        takeOver(answer, settings.responseHeaders, request);
        return undefined;
      }
      return refusal(answer, request, signin, settings);
    },
    response({ status, edits }, request) {
      if (!settings.alwaysSetCookie && !cookieStatuses.has(status)) return undefined;
      for (const cookie of cookies.get(request) ?? []) edits.add('Set-Cookie', cookie);
      return undefined;
    },
  };
}

function refusal(
  answer: AskedResponse,
  request: FilteredRequest,
  signin: Template | undefined,
  { redirectParameter }: ExternalAuthSettings,
): OwnAnswer {
  if (answer.status === 403) return { status: 403, reason: 'auth-service' };
  if (answer.status !== 401) return failed;
  if (signin) {
    const location = signinLocation(signin(request), redirectParameter, request);
    return { status: 302, fields: [['Location', location]], reason: 'signin' };
  }
  const challenges = answer.fields.filter(([name]) => name === 'www-authenticate');
  const fields = challenges.map(([, value]) => ['WWW-Authenticate', value] as const);
  return { status: 401, fields, reason: 'auth-service' };
}

function signinLocation(
  place: string,
  parameter: string,
  { client, head }: FilteredRequest,
): string {
  const query = place.indexOf('?');
  const has = query >= 0 && new URLSearchParams(place.slice(query)).has(parameter);
  if (has) return place;
  const back = `${client.scheme}://${head.host}${encodeURIComponent(head.target)}`;
  return `${place}${query < 0 ? '?' : '&'}${parameter}=${back}`;
}

/** What the service says of the client replaces whatever the client said of itself. */
function takeOver(
  answer: AskedResponse,
  names: readonly string[],
  { edits }: FilteredRequest,
): void {
  for (const name of names) {
    edits.remove(name);
    for (const [written, value] of answer.fields) {
      if (written === name.toLowerCase()) edits.add(name, value);
    }
  }
}

function askedFields(
  { head, client, requestId }: FilteredRequest,
  { method, requestHeaders }: ExternalAuthSettings,
  host: string,
  redirect: string,
): readonly (readonly [string, string])[] {
  const fields: (readonly [string, string])[] = [];
  for (let index = 0; index < head.fields.count; index += 1) {
    const name = head.fields.name(index).toLowerCase();
    if (!notAsked.has(name)) fields.push([name, head.fields.value(index)]);
  }
  const { scheme, address } = client;
  const own: (readonly [string, string])[] = [
    ['host', host],
    ['x-original-url', `${scheme}://${head.host}${head.target}`],
    ['x-original-method', head.method],
    ['x-real-ip', address],
    ['x-forwarded-for', client.forwardedFor],
    ['x-request-id', requestId],
    ['x-sent-from', 'nginx-ingress-controller'],
    ['x-auth-request-redirect', redirect],
  ];
  if (method !== undefined) own.push(['x-original-uri', head.target], ['x-scheme', scheme]);
  return [...fields, ...own, ...requestHeaders];
}

/** Of the connection, of a body that does not go along, or ours to say. */
const notAsked: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'proxy',
  'proxy-connection',
  'x-original-url',
  'x-original-method',
  'x-original-uri',
  'x-scheme',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-request-id',
  'x-sent-from',
  'x-auth-request-redirect',
]);
