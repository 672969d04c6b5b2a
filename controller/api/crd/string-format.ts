import { isIP, isIPv4, isIPv6 } from 'node:net';

const duration = /^(?:-?\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$|^0$/;
const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const hostname =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/i;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Formats of strings that the API server checks (apiextensions, pkg/apiserver/validation/formats);
 * others say nothing.
 */
const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['byte', (text) => base64.test(text) && text.length % 4 === 0],
  ['cidr', isCidr],
  ['date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))],
  ['date-time', (text) => dateTime.test(text) && !Number.isNaN(Date.parse(text))],
  ['datetime', (text) => dateTime.test(text) && !Number.isNaN(Date.parse(text))],
  ['duration', (text) => duration.test(text)],
  ['email', (text) => text.length <= 320 && /^[^\s@<>]+@[^\s@<>]+$/.test(text)],
  ['hostname', (text) => hostname.test(text)],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['mac', (text) => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)],
  ['uri', (text) => URL.canParse(text)],
  ['uuid', (text) => uuid.test(text)],
  ['uuid3', (text) => uuid.test(text)],
  ['uuid4', (text) => uuid.test(text)],
  ['uuid5', (text) => uuid.test(text)],
]);

/** Whether a string has the format; also where the format is not one that is checked. */
export function hasFormat(text: string, format: string): boolean {
  return formats.get(format)?.(text) ?? true;
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
