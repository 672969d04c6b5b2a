import { parseFullYaml, type ParsedYaml, type SyntaxProblem } from './full-yaml.ts';
import { parsePlainYaml } from './plain-yaml.ts';

/** The content of one document: JSON or YAML. */
export type ReadValue =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'broken'; readonly problems: readonly SyntaxProblem[] };

/**
 * Reads one document by the fastest way that gives the right answer; positions are not kept. A key
 * that stands twice is an error in YAML; JSON.parse takes the last, as kubectl does for JSON.
 */
export function readValue(text: string): ReadValue {
  const json = readJSON(text);
  if (json !== undefined) return { kind: 'value', value: json.value };
  const plain = parsePlainYaml(text);
  if (plain !== undefined) return { kind: 'value', value: plain.value };
  return valueOf(parseFullYaml(text));
}

/** YAML is a superset of JSON: what is no JSON after all is read as YAML, which says where. */
function readJSON(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function valueOf(parsed: ParsedYaml): ReadValue {
  if (parsed.problems.length > 0) return { kind: 'broken', problems: parsed.problems };
  const result = parsed.value();
  return 'problem' in result
    ? { kind: 'broken', problems: [result.problem] }
    : { kind: 'value', value: result.value };
}
