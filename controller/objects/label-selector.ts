import { PortolanError } from '../base/index.ts';

/** One condition on a label. `values` is empty for `exists` and `absent`. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

/** All of these must hold. */
export type LabelSelector = readonly LabelRequirement[];

/** Qualified name and value of labels: Kubernetes, "Labels and Selectors". */
const keyPattern = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;
/** `key in (a,b)`, `key notin (a,b)`. */
const setPattern = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
/** `key`, `!key`, `key=value`, `key==value`, `key!=value`. */
const equalityPattern = /^(!?)\s*([^\s=!]+)\s*(?:(==?|!=)\s*(\S*))?$/;

/**
 * Reads the API's labelSelector parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * @throws PortolanError `BadLabelSelector`
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return [];
  return splitOutsideParentheses(text).map((term) => parseTerm(term.trim(), text));
}

/** `!=` and `notin` also hold where the label is absent, as in the API. */
export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector.every((requirement) => holds(requirement, labels?.[requirement.key]));
}

function holds({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
  }
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/);
}

function parseTerm(term: string, whole: string): LabelRequirement {
  const set = setPattern.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return checked({ key, operator: operator === 'in' ? 'in' : 'notin', values }, whole);
  }
  const [matched, negated, key = '', operator, value = ''] = equalityPattern.exec(term) ?? [];
  if (matched === undefined || (negated !== '' && operator !== undefined)) {
    throw invalid(`"${term}" is no requirement`, whole);
  }
  if (operator === undefined) {
    return checked({ key, operator: negated === '' ? 'exists' : 'absent', values: [] }, whole);
  }
  return checked({ key, operator: operator === '!=' ? 'notin' : 'in', values: [value] }, whole);
}

function checked(requirement: LabelRequirement, whole: string): LabelRequirement {
  if (!keyPattern.test(requirement.key)) throw invalid(`bad key "${requirement.key}"`, whole);
  const bad = requirement.values.find((value) => !valuePattern.test(value));
  if (bad !== undefined) throw invalid(`bad value "${bad}"`, whole);
  return requirement;
}

function invalid(why: string, whole: string): PortolanError {
  return new PortolanError(
    'BadLabelSelector',
    `label selector "${whole}": ${why}; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined by commas`,
  );
}
