/** What is wrong with a scalar, and what to write. */
export interface WrongScalar {
  readonly message: string;
  readonly instead?: string;
}

/** Undefined when the value fits. `mayShow` false: the value must not appear in the answer. */
export type ScalarCheck = (value: unknown, mayShow: boolean) => WrongScalar | undefined;

const maxInt32 = 2 ** 31 - 1;
/** RFC 3339 as the API server parses it: a date alone, or a time without zone, is refused. */
const timestamp = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** Base64 with padding, RFC 4648 §4; its length is checked apart. */
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The checks of the scalar type expressions, by expression. */
export const scalarChecks: ReadonlyMap<string, ScalarCheck> = new Map<string, ScalarCheck>([
  ['string', checkString],
  ['byte', checkBase64],
  ['boolean', checkBoolean],
  ['int32', (value, mayShow) => checkInteger(value, mayShow, maxInt32)],
  ['int64', (value, mayShow) => checkInteger(value, mayShow, Number.MAX_SAFE_INTEGER)],
  [
    'number',
    (value, mayShow) => (typeof value === 'number' ? undefined : not('a number', value, mayShow)),
  ],
  ['date-time', checkTimestamp],
  ['int-or-string', checkIntOrString],
  ['quantity', checkQuantity],
  ['any', () => undefined],
]);

function checkString(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value === 'string') return undefined;
  if (value === null || value === undefined) {
    return { message: 'has no value', instead: 'write "" for an empty text, or leave the key out' };
  }
  const wrong = not('text', value, mayShow);
  if (typeof value !== 'number' && typeof value !== 'boolean') return wrong;
  return { ...wrong, instead: mayShow ? `quote it: "${value}"` : 'put the value in quotes' };
}

function checkBase64(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value !== 'string') return checkString(value, mayShow);
  // Go's decoder skips line breaks.
  const bare = /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, '') : value;
  if (base64.test(bare) && bare.length % 4 === 0) return undefined;
  return {
    message: 'is not base64',
    instead: 'encode the value with `base64 -w0`, or write it as it is under stringData',
  };
}

function checkBoolean(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value === 'boolean') return undefined;
  const wrong = not('true or false', value, mayShow);
  const quoted = value === 'true' || value === 'false';
  return quoted ? { ...wrong, instead: `${value} without quotes` } : wrong;
}

function checkInteger(value: unknown, mayShow: boolean, max: number): WrongScalar | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value >= -max - 1 && value <= max) return undefined;
    return { message: `must be a whole number up to ${max}` };
  }
  const wrong = not('a whole number', value, mayShow);
  const quoted = typeof value === 'string' && /^\d{1,10}$/.test(value) && mayShow;
  return quoted ? { ...wrong, instead: `${value} without quotes` } : wrong;
}

function checkTimestamp(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value === 'string' && timestamp.test(value) && !Number.isNaN(Date.parse(value))) {
    return undefined;
  }
  return { ...not('a time', value, mayShow), instead: 'RFC 3339, as in "2026-01-31T12:00:00Z"' };
}

function checkIntOrString(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value === 'string') return undefined;
  if (typeof value === 'number') return checkInteger(value, mayShow, maxInt32);
  return not('a whole number or a name', value, mayShow);
}

function checkQuantity(value: unknown, mayShow: boolean): WrongScalar | undefined {
  if (typeof value === 'string' || typeof value === 'number') return undefined;
  return {
    ...not('a quantity', value, mayShow),
    instead: 'a number, or text as in "500m" or "64Mi"',
  };
}

function not(wanted: string, value: unknown, mayShow: boolean): WrongScalar {
  return { message: mayShow ? `must be ${wanted}, not ${show(value)}` : `must be ${wanted}` };
}

/** A value as a message names it: its type, and what it says if that is short. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `the truth value ${value}`;
  return 'a map';
}

/** A user's text in quotes, on one line and cut where it gets long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 61)}…` : text);
}
