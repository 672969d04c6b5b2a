import { isJsonObject, type JsonObject, ownField } from '../patch/json.ts';
import { checkLabel, checkSubdomain, type Issue, Issues } from '../../schema/index.ts';
import { type CustomVersion, type Definition, readDefinition } from './definition.ts';
import { defaultCustom } from './default-custom.ts';
import { pruneCustom } from './prune-custom.ts';
import { readSchema } from './read-schema.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validateCustom } from './validate-custom.ts';

/** Groups whose kinds are built in: nobody may define more of them. */
const builtinGroups: ReadonlySet<string> = new Set([
  'apiextensions.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'networking.k8s.io',
  'portolan.dev',
  'rbac.authorization.k8s.io',
]);

/**
 * What is wrong with a CustomResourceDefinition whose shape has been checked against the published
 * schema. `previous`: what an update replaces.
 */
export function checkDefinition(
  object: JsonObject,
  previous: JsonObject | undefined,
): readonly Issue[] {
  const issues = new Issues();
  const definition = readDefinition(object);
  checkNames(definition, issues);
  checkVersions(definition, object, issues);
  if (previous !== undefined) checkUnchanged(definition, readDefinition(previous), issues);
  return issues.found;
}

function checkNames({ name, group, names }: Definition, issues: Issues): void {
  const path = ['spec', 'names'];
  const wanted = `${names.plural}.${group}`;
  if (name !== wanted) issues.invalid(['metadata', 'name'], `must be ${wanted}: plural and group`);
  const groupRule = checkSubdomain(group);
  if (groupRule !== undefined || !group.includes('.')) {
    issues.invalid(['spec', 'group'], groupRule ?? 'must be a DNS name with at least one dot');
  }
  if (builtinGroups.has(group)) {
    issues.invalid(['spec', 'group'], `must not be ${group}, whose kinds are built in`);
  }
  for (const key of ['plural', 'singular'] as const) {
    const rule = checkLabel(names[key]);
    if (rule !== undefined) issues.invalid([...path, key], rule);
  }
  for (const [index, shortName] of names.shortNames.entries()) {
    const rule = checkLabel(shortName);
    if (rule !== undefined) issues.invalid([...path, 'shortNames', index], rule);
  }
  for (const key of ['kind', 'listKind'] as const) {
    const rule = checkLabel(names[key].toLowerCase());
    if (rule !== undefined) issues.invalid([...path, key], rule);
  }
  if (names.kind === names.listKind) {
    issues.invalid([...path, 'listKind'], 'must be another than kind');
  }
}

function checkVersions({ versions }: Definition, object: JsonObject, issues: Issues): void {
  const path = ['spec', 'versions'];
  if (versions.length === 0) issues.missing(path, 'is required');
  const stored = versions.filter(({ storage }) => storage).length;
  if (versions.length > 0 && stored !== 1) {
    issues.invalid(path, `must have exactly one version with storage: true, not ${stored}`);
  }
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) issues.invalid(path, 'must not name a version twice');
  for (const [index, version] of versions.entries()) {
    checkVersion(version, [...path, index], issues);
  }
  const spec = ownField(object, 'spec');
  const conversion = isJsonObject(spec) ? ownField(spec, 'conversion') : undefined;
  const strategy = isJsonObject(conversion) ? ownField(conversion, 'strategy') : undefined;
  if (strategy !== undefined && strategy !== 'None') {
    issues.invalid(['spec', 'conversion', 'strategy'], 'must be None: webhooks are not called');
  }
}

function checkVersion(
  version: CustomVersion,
  path: readonly (string | number)[],
  issues: Issues,
): void {
  const rule = checkLabel(version.name);
  if (rule !== undefined) issues.invalid([...path, 'name'], rule);
  const at = [...path, 'schema', 'openAPIV3Schema'];
  if (Object.keys(version.openAPIV3Schema).length === 0) {
    issues.missing(at, 'is required');
    return;
  }
  const schema = readSchema(version.openAPIV3Schema, at, issues);
  checkDefaults(schema, at, issues);
  for (const [index, { jsonPath }] of version.columns.entries()) {
    if (!jsonPath.startsWith('.')) {
      const place = [...path, 'additionalPrinterColumns', index, 'jsonPath'];
      issues.invalid(place, 'must begin with "."');
    }
  }
  for (const key of ['specReplicasPath', 'statusReplicasPath'] as const) {
    const start = key === 'specReplicasPath' ? '.spec.' : '.status.';
    if (version.scale !== undefined && !version.scale[key].startsWith(start)) {
      issues.invalid([...path, 'subresources', 'scale', key], `must begin with "${start}"`);
    }
  }
}

/** Defaults must be what the schema admits: they are put into objects without another look. */
function checkDefaults(
  schema: StructuralSchema,
  path: readonly (string | number)[],
  issues: Issues,
): void {
  const { defaultValue, properties, items, additional } = schema;
  if (defaultValue !== undefined) {
    const at = [...path, 'default'];
    const { unknown } = pruneCustom(schema, defaultValue);
    if (unknown.length > 0) issues.invalid(at, 'has fields that the schema does not declare');
    for (const { message } of validateCustom(schema, defaultCustom(schema, defaultValue))) {
      issues.invalid(at, message);
    }
  }
  for (const [name, inner] of properties) {
    checkDefaults(inner, [...path, 'properties', name], issues);
  }
  if (items !== undefined) checkDefaults(items, [...path, 'items'], issues);
  if (additional !== undefined) {
    checkDefaults(additional, [...path, 'additionalProperties'], issues);
  }
}

function checkUnchanged(next: Definition, previous: Definition, issues: Issues): void {
  const immutable = 'must not change: delete the definition and its objects first';
  if (next.group !== previous.group) issues.invalid(['spec', 'group'], immutable);
  if (next.namespaced !== previous.namespaced) issues.invalid(['spec', 'scope'], immutable);
  if (next.names.kind !== previous.names.kind) issues.invalid(['spec', 'names', 'kind'], immutable);
}
