/** What became of a text that a user wrote: a value, or one clause that says what is wrong. */
export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  /** `message` completes "--flag: …"; `instead` completes "write …". */
  | { readonly kind: 'refused'; readonly message: string; readonly instead: string };

/** How the text of a flag or key becomes a value. Pure: no file, name service or clock is asked. */
export interface OptionType<T> {
  /** Stands for the value in help texts: `ADDR`, `CIDR[,CIDR]`. */
  readonly placeholder: string;
  /** True: the flag may be repeated and the key takes a list. */
  readonly list: boolean;
  /** Gets every text given; a type that is no list sees exactly one. */
  parse(texts: readonly string[]): Parsed<T>;
}

/** The value of a text that was understood. */
export function accept<T>(value: T): Parsed<T> {
  return { kind: 'value', value };
}

/** Quotes `text`, so that an empty or blank one can be seen, and says what it is not. */
export function refuse(text: string, isNot: string, instead: string): Parsed<never> {
  return { kind: 'refused', message: `${JSON.stringify(text)} ${isNot}`, instead };
}

/** A type of one value. */
export function single<T>(placeholder: string, parse: (text: string) => Parsed<T>): OptionType<T> {
  return { placeholder, list: false, parse: (texts) => parse(texts.at(-1) ?? '') };
}

/** A type of any number of values, in the order given; `split` also takes `a,b` apart. */
export function listOf<T>(
  placeholder: string,
  parse: (text: string) => Parsed<T>,
  split: 'split' | 'whole' = 'whole',
): OptionType<readonly T[]> {
  return {
    placeholder,
    list: true,
    parse(texts) {
      const values: T[] = [];
      for (const text of split === 'split' ? texts.flatMap((one) => one.split(',')) : texts) {
        const parsed = parse(split === 'split' ? text.trim() : text);
        if (parsed.kind === 'refused') return parsed;
        values.push(parsed.value);
      }
      return accept(values);
    },
  };
}
