/** What a template may refer to. */
export interface TemplateValues {
  readonly Name: string;
  readonly Zone: string;
  readonly Class: string;
  readonly Type: string;
  readonly Remote: string;
  readonly Match: readonly string[];
  readonly Group: Readonly<Record<string, string>>;
}

type Part = (values: TemplateValues) => string;

/** A template, understood once. */
export type Template = (values: TemplateValues) => string;

/**
 * The part of Go's text/template that Corefiles use: `{{ .Name }}`, `{{ index .Match 1 }}`,
 * `{{ .Group.x }}`, `{{ parseInt .Group.x 16 8 }}`. @throws SyntaxError for anything else
 */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{\{(-?)\s*([^]*?)\s*(-?)\}\}/g)) {
    const before = text.slice(at, match.index);
    parts.push(() => before, action(match[2] ?? ''));
    at = match.index + match[0].length;
  }
  const rest = text.slice(at);
  if (rest.includes('{{')) throw new SyntaxError('{{ without }}');
  parts.push(() => rest);
  return (values) => parts.map((part) => part(values)).join('');
}

function action(source: string): Part {
  const words = source.split(/\s+/);
  const [first = '', second = '', third = '', fourth = ''] = words;
  if (words.length === 1) return value(first);
  if (first === 'index' && words.length === 3 && second === '.Match' && /^\d+$/.test(third)) {
    return ({ Match }) => Match[Number(third)] ?? '';
  }
  if (first === 'index' && words.length === 3 && second === '.Group') {
    const name = /^["`](.+)["`]$/.exec(third)?.[1];
    if (name !== undefined) return ({ Group }) => Group[name] ?? '';
  }
  if (first === 'parseInt' && words.length === 4) {
    const number = value(second);
    const [base, bits] = [Number(third), Number(fourth)];
    return (values) => parseInteger(number(values), base, bits);
  }
  throw new SyntaxError(
    `"{{ ${source} }}" is not served: .Name, .Zone, .Class, .Type, .Remote, .Match, .Group, index and parseInt are`,
  );
}

function value(word: string): Part {
  switch (word) {
    case '.Name':
      return ({ Name }) => Name;
    case '.Zone':
      return ({ Zone }) => Zone;
    case '.Class':
      return ({ Class }) => Class;
    case '.Type':
      return ({ Type }) => Type;
    case '.Remote':
      return ({ Remote }) => Remote;
    default: {
      const group = /^\.Group\.(\w+)$/.exec(word)?.[1];
      if (group !== undefined) return ({ Group }) => Group[group] ?? '';
      const quoted = /^["`](.*)["`]$/.exec(word)?.[1];
      if (quoted !== undefined) return () => quoted;
      throw new SyntaxError(
        `"{{ ${word} }}" is not served: .Name, .Zone, .Class, .Type, .Remote, .Match and .Group are`,
      );
    }
  }
}

function parseInteger(text: string, base: number, bits: number): string {
  const number = Number.parseInt(text, base);
  if (Number.isNaN(number) || number >= 2 ** bits)
    throw new RangeError(`"${text}" is no number of ${bits} bits`);
  return String(number);
}
