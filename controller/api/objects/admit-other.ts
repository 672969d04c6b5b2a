import type { KubeObject } from '../../objects/index.ts';
import { type Issue, Issues, validateShape } from '../../schema/index.ts';
import { checkLabels, checkName } from '../../schema/metadata.ts';
import { checkSubdomain } from '../../schema/names.ts';
import { prune } from '../../schema/prune.ts';
import { checkDefinition, customKind } from '../crd/index.ts';
import type { JsonObject } from '../patch/index.ts';
import type { ApiResource } from '../resources/resource.ts';

/** What became of an object that nothing but the API itself looks at. */
export interface OtherAdmission {
  readonly object: KubeObject;
  readonly issues: readonly Issue[];
}

/** The type under which definitions of custom kinds are stored. */
export const definitionType = 'CustomResourceDefinition.apiextensions.k8s.io';

/** Names of roles are path segments, `system:node`, where all others are DNS names. */
const rbac = 'rbac.authorization.k8s.io';

/**
 * Looks at an object of a kind that Portolan keeps without acting on it: by its definition's schema
 * if it is custom, else by the published one.
 */
export function admitOther(
  resource: ApiResource,
  object: KubeObject,
  previous: KubeObject | undefined,
): OtherAdmission {
  const shaped =
    resource.custom === undefined
      ? admitPublished(resource.type, object)
      : admitCustom(resource.custom.schema, object, previous);
  const found = new Issues();
  const { name, labels } = object.metadata;
  if (resource.group !== rbac) checkName(name, checkSubdomain, ['metadata', 'name'], found);
  checkLabels(labels, ['metadata', 'labels'], found);
  const own =
    resource.type === definitionType
      ? checkDefinition(asJson(shaped.object), previous && asJson(previous))
      : [];
  return { object: shaped.object, issues: [...shaped.issues, ...found.found, ...own] };
}

function admitPublished(type: string, object: KubeObject): OtherAdmission {
  const { issues, drop } = validateShape(type, object);
  // Only what the schema does not know goes; what makes it an object stays.
  return { object: prune(object, drop) as KubeObject, issues };
}

function admitCustom(
  schema: JsonObject | undefined,
  object: KubeObject,
  previous: KubeObject | undefined,
): OtherAdmission {
  if (schema === undefined) return { object, issues: [] };
  const custom = customKind(schema).admit(asJson(object), previous && asJson(previous));
  const unknown = custom.unknown.map(
    (path): Issue => ({
      severity: 'warning',
      kind: 'unknown-field',
      path,
      message: 'is no field of this object and is ignored',
    }),
  );
  // The identity of an object is never pruned.
  const admitted = custom.object as unknown as KubeObject;
  return { object: admitted, issues: [...unknown, ...custom.issues] };
}

function asJson(object: KubeObject): JsonObject {
  return object as KubeObject & JsonObject;
}
