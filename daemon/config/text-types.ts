import { accept, listOf, type OptionType, type Parsed, refuse, single } from './option-type.ts';

/**
 * One of a few words. `later` are words that the documentation promises and this version cannot
 * serve: refused by name, so that nobody takes the refusal for a slip of the pen.
 */
export function choice<const T extends string>(
  words: readonly T[],
  later: readonly string[] = [],
): OptionType<T> {
  const forms = words.join(' or ');
  return single(words.join('|'), (text) => {
    const word = words.find((one) => one === text);
    if (word !== undefined) return accept(word);
    if (later.includes(text)) return refuse(text, 'is not served by this version', forms);
    return refuse(text, 'is none of the words known here', forms);
  });
}

/** A whole number in a range, both ends included. */
export function integer(placeholder: string, min: number, max: number): OptionType<number> {
  return single(placeholder, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return accept(value);
    return refuse(text, 'is out of range', `a whole number from ${min} to ${max}`);
  });
}

/** A name of one object: DNS-1123 subdomain (RFC 1123 §2.1), as the API server checks names. */
function parseObjectName(text: string): Parsed<string> {
  const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
  if (text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(text)) {
    return accept(text);
  }
  return refuse(text, 'is no valid name', 'lower-case letters, digits, "-" and "."');
}

/** The name of an object. */
export const objectName: OptionType<string> = single('NAME', parseObjectName);

/** `NAME` or `DOMAIN/NAME`, each perhaps with `=PROFILE`. */
function parseIngressClass(text: string): Parsed<string> {
  const [name = '', profile = 'nginx', ...rest] = text.split('=');
  const parts = name.split('/');
  const isName = parts.length <= 2 && parts.every((part) => parseObjectName(part).kind === 'value');
  const isProfile = (profile === 'nginx' || profile === 'standard') && rest.length === 0;
  if (isName && isProfile) return accept(text);
  return refuse(
    text,
    'names no class',
    'nginx, k8s.io/ingress-nginx or k8s.io/ingress-nginx=standard',
  );
}

/** IngressClasses, or `spec.controller` values of such, each with the habits to serve it with. */
export const ingressClasses: OptionType<readonly string[]> = listOf(
  'CLASS',
  parseIngressClass,
  'split',
);

/** A prefix of annotation names, with its slash. */
export const annotationPrefix: OptionType<string> = single('PREFIX', (text) => {
  const domain = text.replace(/\/$/, '');
  if (parseObjectName(domain).kind === 'value') return accept(`${domain}/`);
  return refuse(text, 'is no prefix of annotations', 'nginx.ingress.kubernetes.io');
});

/** A DNS domain; a trailing dot is dropped. */
export const domain: OptionType<string> = single('DOMAIN', (text) => {
  const parsed = parseObjectName(text.replace(/\.$/, ''));
  return parsed.kind === 'value' ? parsed : refuse(text, 'is no domain', 'cluster.local');
});

/** Names an object within its namespace. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`. */
export const namespacedName: OptionType<NamespacedName> = single('NAMESPACE/NAME', (text) => {
  const [namespace = '', name = '', ...rest] = text.split('/');
  const valid =
    parseObjectName(namespace).kind === 'value' && parseObjectName(name).kind === 'value';
  if (valid && rest.length === 0) return accept({ namespace, name });
  return refuse(text, 'names no object', 'NAMESPACE/NAME, as in default/ingress-settings');
});
