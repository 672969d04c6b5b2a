import type { RouteOptions } from '../compile/route-options.ts';
import type { FilterConfig } from '../filters/index.ts';
import { unknownVariables } from '../filters/template.ts';
import { bytes, seconds, token } from './grammar.ts';

/** What a snippet comes to. */
export interface SnippetEffects {
  readonly filters: readonly FilterConfig[];
  readonly options: RouteOptions | undefined;
}

/** A snippet of nginx configuration, read. */
export type ReadSnippet =
  | { readonly kind: 'understood'; readonly effects: SnippetEffects }
  /** The first line that is not. A snippet half in force would be worse than none. */
  | { readonly kind: 'not-understood'; readonly line: string };

type Pair = readonly [name: string, value: string];

interface Draft {
  readonly request: Pair[];
  readonly requestRemoved: string[];
  readonly set: Pair[];
  readonly add: Pair[];
  readonly removed: string[];
  readonly templates: { readonly request: Pair[]; readonly response: Pair[] };
  readonly filters: FilterConfig[];
  options: RouteOptions;
}

/** Reads the handful of directives that people mostly write in snippets. */
export function readSnippet(text: string): ReadSnippet {
  const draft: Draft = {
    request: [],
    requestRemoved: [],
    set: [],
    add: [],
    removed: [],
    templates: { request: [], response: [] },
    filters: [],
    options: {},
  };
  for (const statement of statementsOf(text)) {
    if (!take(statement, draft)) return { kind: 'not-understood', line: short(statement) };
  }
  const filters = [...draft.filters];
  const { templates } = draft;
  if (templates.request.length + templates.response.length > 0) {
    filters.push({ kind: 'header-templates', ...templates });
  }
  if (draft.request.length + draft.requestRemoved.length > 0) {
    filters.push({
      kind: 'request-headers',
      remove: draft.requestRemoved,
      set: draft.request,
      add: [],
    });
  }
  if (draft.set.length + draft.add.length + draft.removed.length > 0) {
    filters.push({
      kind: 'response-headers',
      remove: draft.removed,
      set: draft.set,
      add: draft.add,
    });
  }
  const options = Object.keys(draft.options).length > 0 ? draft.options : undefined;
  return { kind: 'understood', effects: { filters, options } };
}

/** Statements up to their semicolons, and whole blocks; comments left out. */
function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  let statement = '';
  let depth = 0;
  for (const piece of piecesOf(text)) {
    statement += piece;
    if (piece === '{') depth += 1;
    if (piece === '}') depth -= 1;
    if (depth <= 0 && (piece === ';' || piece === '}')) {
      statements.push(statement.trim());
      statement = '';
      depth = 0;
    }
  }
  return [...statements, statement.trim()].filter((one) => one !== '' && one !== ';');
}

/** Quoted texts whole, so that what is in them ends nothing; comments not at all. */
function piecesOf(text: string): readonly string[] {
  const bare = text.replaceAll(/(^|\s)#[^\n]*/g, '$1');
  return bare.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^]/g) ?? [];
}

function take(statement: string, draft: Draft): boolean {
  if (
    /^if\s*\(\s*\$scheme\s*(?:=|~\*?)\s*"?\^?http\$?"?\s*\)\s*\{\s*return\s+30[1278]\s+https:\/\/\S+;\s*\}$/.test(
      statement,
    )
  ) {
    draft.filters.push({
      kind: 'https-redirect',
      status: 301,
      keepsTrailingSlash: true,
      exempt: [],
    });
    return true;
  }
  const words = wordsOf(statement.replace(/;$/, ''));
  const [directive, ...given] = words;
  if (unknownVariables(given.join(' ')).length > 0) return false;
  switch (directive) {
    case 'more_set_headers':
      return given.length > 0 && given.every((one) => takeHeader(one, draft));
    case 'more_clear_headers':
      draft.removed.push(...given);
      return given.length > 0;
    case 'proxy_hide_header':
      draft.removed.push(...given);
      return given.length === 1;
    case 'add_header': {
      const pair = given.filter((one, index) => index < 2 || one !== 'always');
      return takePair(pair, draft.add, draft.templates.response);
    }
    case 'proxy_set_header':
      if (given.length === 2 && given[1] === '') {
        draft.requestRemoved.push(given[0] ?? '');
        return true;
      }
      return takePair(given, draft.request, draft.templates.request);
    case 'return':
      return takeReturn(given, draft);
    case undefined:
    default:
      return takeOption(directive, given, draft);
  }
}

function takeHeader(text: string, { set, templates }: Draft): boolean {
  const colon = text.indexOf(':');
  if (colon < 1 || token.parse(text.slice(0, colon).trim()) === undefined) return false;
  const pair = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] as const;
  (text.includes('$') ? templates.response : set).push(pair);
  return true;
}

function takePair(given: readonly string[], pairs: Pair[], templates: Pair[]): boolean {
  const [name, value] = given;
  if (name === undefined || value === undefined || given.length !== 2) return false;
  if (token.parse(name) === undefined) return false;
  (value.includes('$') ? templates : pairs).push([name, value]);
  return true;
}

function takeReturn([code = '', location = '', ...rest]: readonly string[], draft: Draft): boolean {
  if (!/^30[12378]$/.test(code) || !/^(https?:\/\/|\/)/.test(location) || rest.length > 0)
    return false;
  draft.filters.push({ kind: 'redirect-url', status: Number(code), location });
  return true;
}

function takeOption(
  directive: string | undefined,
  [text = '', ...rest]: readonly string[],
  draft: Draft,
): boolean {
  if (rest.length > 0) return false;
  switch (directive) {
    case 'client_max_body_size': {
      const size = bytes.parse(text);
      if (size === undefined) return false;
      draft.options = { ...draft.options, bodyBytes: size === 0 ? Number.POSITIVE_INFINITY : size };
      return true;
    }
    case 'proxy_connect_timeout':
    case 'proxy_read_timeout':
    case 'proxy_send_timeout': {
      const sec = seconds.parse(text);
      if (sec === undefined) return false;
      const key = directive === 'proxy_connect_timeout' ? 'connectMs' : 'readMs';
      const before = draft.options[key] ?? 0;
      draft.options = { ...draft.options, [key]: Math.max(before, sec * 1000) };
      return true;
    }
    case undefined:
    default:
      return false;
  }
}

function wordsOf(statement: string): readonly string[] {
  return [...statement.matchAll(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|(\S+)/g)].map(
    ([, double, single, bare]) => (double ?? single)?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '',
  );
}

function short(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
