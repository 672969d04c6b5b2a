import { createHash } from 'node:crypto';
import { hostName } from '../router/index.ts';
import { firstOf, valuesOf } from './fields.ts';
import type { FilteredRequest } from './filtered.ts';

/** Text with variables of a request, ready to be filled in. */
export type Template = (request: FilteredRequest) => string;

type Variable = (request: FilteredRequest) => string;

const variables: Readonly<Record<string, Variable>> = {
  request_uri: ({ head }) => head.target,
  escaped_request_uri: ({ head }) => encodeURIComponent(head.target),
  uri: ({ path }) => path,
  document_uri: ({ path }) => path,
  args: ({ head }) => queryOf(head.target),
  query_string: ({ head }) => queryOf(head.target),
  is_args: ({ head }) => (queryOf(head.target) === '' ? '' : '?'),
  host: ({ head }) => hostName(head.host),
  best_http_host: ({ head }) => head.host,
  server_name: ({ head }) => hostName(head.host),
  scheme: ({ client }) => client.scheme,
  pass_access_scheme: ({ client }) => client.scheme,
  remote_addr: ({ client }) => client.address,
  binary_remote_addr: ({ client }) => client.address,
  the_real_ip: ({ client }) => client.address,
  proxy_add_x_forwarded_for: ({ client }) => client.forwardedFor,
  pass_port: ({ client }) => client.forwardedPort,
  request_method: ({ head }) => head.method,
  req_id: ({ requestId }) => requestId,
  request_id: ({ requestId }) => requestId,
  namespace: ({ route }) => route.ingress.namespace,
  ingress_name: ({ route }) => route.ingress.name,
};

const reference = /\$(?:\{([a-z_0-9]+)\}|([a-z_0-9]+))/gi;

/** Variables that the text names and that do not exist. */
export function unknownVariables(text: string): readonly string[] {
  return [...text.matchAll(reference)]
    .map(([, braced, bare]) => braced ?? bare ?? '')
    .filter((name) => variableNamed(name) === undefined);
}

/** Prepares a text; variables that do not exist are empty. */
export function compileTemplate(text: string): Template {
  const parts: Template[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const literal = text.slice(end, match.index);
    end = match.index + match[0].length;
    const variable = variableNamed(match[1] ?? match[2] ?? '');
    parts.push((request) => literal + (variable?.(request) ?? ''));
  }
  const rest = text.slice(end);
  if (parts.length === 0) return () => text;
  return (request) => parts.reduce((so, part) => so + part(request), '') + rest;
}

/** A short name for anything, equal in all workers. */
export function digest(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** One cookie of the request by its exact name, undecoded. */
export function cookieOf({ head }: FilteredRequest, name: string): string | undefined {
  for (const pair of valuesOf(head.fields, 'cookie').flatMap((line) => line.split(';'))) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** What follows the `?`. */
export function queryOf(target: string): string {
  const at = target.indexOf('?');
  return at < 0 ? '' : target.slice(at + 1);
}

function variableNamed(written: string): Variable | undefined {
  const name = written.toLowerCase();
  if (Object.hasOwn(variables, name)) return variables[name];
  const [, family, rest = ''] = /^(http|cookie|arg)_(.+)$/.exec(name) ?? [];
  switch (family) {
    case 'http': {
      const header = rest.replaceAll('_', '-');
      return ({ head }) => firstOf(head.fields, header) ?? '';
    }
    case 'cookie':
      return (request) => cookieOf(request, rest) ?? '';
    case 'arg':
      return ({ head }) => new URLSearchParams(queryOf(head.target)).get(rest) ?? '';
    case undefined:
    default:
      return undefined;
  }
}
