/** How the text of an annotation becomes a value. Pure. */
export interface Grammar<T> {
  /** For tables and messages: what may be written. */
  readonly form: string;
  /** Undefined: the text is not of this form. */
  parse(text: string): T | undefined;
}

/** A grammar from its parts. */
export function grammar<T>(form: string, parse: (text: string) => T | undefined): Grammar<T> {
  return { form, parse };
}

/** The spellings of Go's strconv.ParseBool, which manifests in the field rely on. */
export const boolean: Grammar<boolean> = grammar('"true" or "false"', (text) => {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
});

/** nginx's own switch. */
export const onOff: Grammar<boolean> = grammar('"on" or "off"', (text) =>
  text === 'on' ? true : text === 'off' ? false : undefined,
);

/** A whole number in a range, both ends included. */
export function integer(min: number, max: number = 1_000_000_000): Grammar<number> {
  const form = max === 1_000_000_000 ? `a whole number from ${min}` : `a number ${min} to ${max}`;
  return grammar(form, (text) => {
    const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** Whole seconds, as ingress-nginx writes times; `60s` is taken too, as many write it. */
export const seconds: Grammar<number> = grammar('whole seconds, such as 60', (text) => {
  const match = /^(\d{1,9})s?$/.exec(text);
  return match ? Number(match[1]) : undefined;
});

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1_048_576,
  g: 2 ** 30,
};

/** Bytes, as nginx writes sizes. */
export const bytes: Grammar<number> = grammar('a size, such as 8m', (text) => {
  const match = /^(\d{1,12})([bkmg]?)$/i.exec(text);
  const unit = sizeUnits[match?.[2]?.toLowerCase() ?? ''];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
});

/** One of a few words; `any-case` also in other case, given back as listed. */
export function word<const T extends string>(
  words: readonly T[],
  spelling: 'exact' | 'any-case' = 'exact',
): Grammar<T> {
  return grammar(words.join(', '), (text) =>
    words.find((one) =>
      spelling === 'exact' ? one === text : one.toLowerCase() === text.toLowerCase(),
    ),
  );
}

/** Text that a pattern takes whole. */
export function pattern(form: string, allowed: RegExp): Grammar<string> {
  return grammar(form, (text) => (allowed.test(text) ? text : undefined));
}

/** Items between commas, spaces around them ignored; at least one. */
export function list<T>(item: Grammar<T>): Grammar<readonly T[]> {
  return grammar(`${item.form}; several with commas`, (text) => {
    const values: T[] = [];
    for (const part of text.split(',')) {
      const value = item.parse(part.trim());
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  });
}

/** Anything but control characters. */
export const text: Grammar<string> = grammar('text', (value) => value);

/** A header or cookie name: an RFC 9110 token. */
export const token: Grammar<string> = pattern('a name', /^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,256}$/);
