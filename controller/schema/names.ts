/** Syntax of names: each check answers undefined for a good one, else what it must be. */
export type NameCheck = (name: string) => string | undefined;

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedPart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** DNS label (RFC 1123): what most short names are. */
export function checkLabel(name: string): string | undefined {
  if (name.length <= 63 && label.test(name)) return undefined;
  return 'must be at most 63 lower-case letters, digits and "-", with a letter or digit at both ends';
}

/** DNS subdomain (RFC 1123): dotted labels. */
export function checkSubdomain(name: string): string | undefined {
  if (name.length <= 253 && subdomain.test(name)) return undefined;
  return 'must be at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part';
}

/** As `checkSubdomain`, also with `*` as the whole first label. */
export function checkWildcardSubdomain(name: string): string | undefined {
  return checkSubdomain(name.startsWith('*.') ? name.slice(2) : name);
}

/** Name of a container port (IANA service name, RFC 6335 §5.1). */
export function checkPortName(name: string): string | undefined {
  const fine = name.length <= 15 && label.test(name) && /[a-z]/.test(name) && !name.includes('--');
  return fine
    ? undefined
    : 'must be at most 15 lower-case letters, digits and single "-", with at least one letter';
}

/** Key of a label or annotation: an optional DNS prefix with `/`, then a name. */
export function checkQualifiedName(name: string): string | undefined {
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? undefined : name.slice(0, slash);
  const last = name.slice(slash + 1);
  const fine =
    last.length <= 63 &&
    qualifiedPart.test(last) &&
    (prefix === undefined || (prefix !== '' && checkSubdomain(prefix) === undefined));
  if (fine) return undefined;
  return 'must be a name of at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends, optionally behind a DNS name and "/"';
}

/** Value of a label. */
export function checkLabelValue(value: string): string | undefined {
  if (value === '' || (value.length <= 63 && qualifiedPart.test(value))) return undefined;
  return 'must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends';
}

/** Key in `data` of a ConfigMap or Secret. */
export function checkDataKey(key: string): string | undefined {
  const fine = /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && !key.startsWith('..');
  return fine ? undefined : 'must be at most 253 letters, digits, "-", "_" and "."';
}
