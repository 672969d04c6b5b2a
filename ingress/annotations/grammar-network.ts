import { isIP } from 'node:net';
import { type Grammar, grammar } from './grammar.ts';

/** An address or a CIDR, as written. */
export const network: Grammar<string> = grammar('an IP address or CIDR', (text) => {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  if (length === undefined) return text;
  const isLength = /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
  return isLength ? text : undefined;
});

/** An absolute http or https URL without variables. */
export const url: Grammar<string> = grammar('an http or https URL', (text) =>
  !text.includes('$') && isUrl(text) ? text : undefined,
);

/** An absolute URL in which nginx variables may stand. */
export const urlTemplate: Grammar<string> = grammar(
  'an http or https URL, $variables allowed',
  (text) => {
    // Some begin with a slash, and so may stand right behind a port.
    const withPaths = text.replaceAll(/\$\{?(?:request_uri|uri)\b\}?/g, '/x');
    return isUrl(withPaths.replaceAll(/\$\{?[a-z_0-9]+\}?/gi, 'x')) ? text : undefined;
  },
);

/** `name` or `namespace/name`. */
export interface ObjectName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Names an object, in the Ingress' own namespace unless it says another. */
export const objectName: Grammar<ObjectName> = grammar('NAME or NAMESPACE/NAME', (text) => {
  const parts = text.split('/');
  if (parts.length > 2 || !parts.every(isObjectName)) return undefined;
  const [first = '', second] = parts;
  return second === undefined
    ? { namespace: undefined, name: first }
    : { namespace: first, name: second };
});

/** A name of the host for server-alias: exact, wildcard, or `~` and a regular expression. */
export const aliasName: Grammar<string> = grammar('a DNS name', (text) => {
  if (text.startsWith('~')) return text.length > 1 ? text : undefined;
  const name = text.startsWith('*.') ? text.slice(2) : text;
  return isObjectName(name.toLowerCase()) ? text.toLowerCase() : undefined;
});

/** RFC 1123 §2.1, as the API server checks names. */
function isObjectName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
  );
}

function isUrl(text: string): boolean {
  if (/[\s"'\\<>{}]/.test(text)) return false;
  const parsed = URL.parse(text);
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:');
}
