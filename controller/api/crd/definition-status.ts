import { isJsonList, isJsonObject, type JsonObject, ownField, textField } from '../patch/json.ts';
import { Issues } from '../../schema/index.ts';
import { type CustomNames, readDefinition } from './definition.ts';
import { readSchema } from './read-schema.ts';
import { type UnevaluatedRule, unevaluatedRules } from './unevaluated-rules.ts';

/** A name that a resource of the same group has already. */
export interface TakenNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
}

interface Finding {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/**
 * The status of a CustomResourceDefinition: whether its names are accepted and its kind is served.
 * `others`: the names of all other resources of its group. `now`: RFC 3339, whole seconds.
 */
export function definitionStatus(
  object: JsonObject,
  others: readonly TakenNames[],
  now: string,
): JsonObject {
  const { names, versions } = readDefinition(object);
  const conflict = firstConflict(names, others);
  const accepted: Finding = {
    type: 'NamesAccepted',
    ...(conflict === undefined
      ? { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { status: 'False', reason: 'NameConflict', message: conflict }),
  };
  const established: Finding = {
    type: 'Established',
    ...(conflict === undefined
      ? {
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }),
  };
  const ignored = versions.flatMap(({ openAPIV3Schema }) =>
    unevaluatedRules(readSchema(openAPIV3Schema, [], new Issues())),
  );
  const findings = [accepted, established, ...(ignored.length > 0 ? [rulesIgnored(ignored)] : [])];
  const status = ownField(object, 'status');
  const former = isJsonObject(status) ? status : {};
  const stored = versions.filter(({ storage }) => storage).map(({ name }) => name);
  return {
    acceptedNames: conflict === undefined ? names : { plural: '', kind: '' },
    conditions: findings.map((finding) => withTransition(finding, former, now)),
    storedVersions: [...new Set([...storedBefore(former), ...stored])],
  };
}

/** True once the kind of a definition is served. */
export function isEstablished(object: JsonObject): boolean {
  const status = ownField(object, 'status');
  const conditions = isJsonObject(status) ? ownField(status, 'conditions') : undefined;
  return (
    isJsonList(conditions) &&
    conditions.some(
      (one) => isJsonObject(one) && one['type'] === 'Established' && one['status'] === 'True',
    )
  );
}

function firstConflict(names: CustomNames, others: readonly TakenNames[]): string | undefined {
  for (const other of others) {
    const taken = new Set([other.plural, other.singular, ...other.shortNames]);
    const name = [names.plural, names.singular, ...names.shortNames].find((one) => taken.has(one));
    if (name !== undefined) return `"${name}" is already in use`;
    if (other.kind === names.kind) return `kind "${names.kind}" is already in use`;
  }
  return undefined;
}

function withTransition(finding: Finding, former: JsonObject, now: string): JsonObject {
  const conditions = ownField(former, 'conditions');
  const before = isJsonList(conditions)
    ? conditions.filter(isJsonObject).find((one) => one['type'] === finding.type)
    : undefined;
  const since =
    before?.['status'] === finding.status ? textField(before, 'lastTransitionTime') : '';
  return { ...finding, lastTransitionTime: since || now };
}

function storedBefore(former: JsonObject): readonly string[] {
  const versions = ownField(former, 'storedVersions');
  return isJsonList(versions) ? versions.filter((one) => typeof one === 'string') : [];
}

/** Rules that stand in the schema, but refuse nothing. */
function rulesIgnored(ignored: readonly UnevaluatedRule[]): Finding {
  const shown = ignored.slice(0, 10).map(({ rule, why }) => `${rule} (${why})`);
  const more = ignored.length > shown.length ? ` and ${ignored.length - shown.length} more` : '';
  return {
    type: 'RulesIgnored',
    status: 'True',
    reason: 'UnsupportedExpression',
    message: `not evaluated: ${shown.join('; ')}${more}`,
  };
}
