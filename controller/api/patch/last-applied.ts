import { compareFields } from './compare-fields.ts';
import { difference, type FieldSet, noFields, union } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { isJsonObject, type JsonObject, metadataOf, ownField } from './json.ts';
import type { ValueType } from './value-type.ts';

/** Where `kubectl apply` without `--server-side` keeps what it applied. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Limit of all annotations of an object; a configuration near it is kept no more. */
const maxAnnotationBytes = 256 * 1024;

/**
 * Fields that client-side apply set and nobody changed since: server-side apply by the same kubectl
 * may take them over without a conflict.
 */
export function fieldsOfLastApplied(live: JsonObject, type: ValueType): FieldSet {
  const text = lastApplied(live);
  if (text === undefined) return noFields;
  let configuration: unknown;
  try {
    configuration = JSON.parse(text);
  } catch {
    // An annotation is anybody's text: one that is no JSON allows nothing.
    return noFields;
  }
  if (!isJsonObject(configuration)) return noFields;
  const { added, modified, removed } = compareFields(configuration, live, type);
  return difference(fieldsOf(configuration, type), union(added, union(modified, removed)));
}

/** The object with the annotation, if it has one, brought up to what is applied now. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  if (lastApplied(object) === undefined) return object;
  const metadata = metadataOf(object);
  const { [annotation]: _former, ...others } = annotationsOf(object);
  const text = `${JSON.stringify(withoutAnnotation(applied))}\n`;
  const annotations = text.length > maxAnnotationBytes ? others : { ...others, [annotation]: text };
  return { ...object, metadata: { ...metadata, annotations } };
}

function lastApplied(object: JsonObject): string | undefined {
  const text = ownField(annotationsOf(object), annotation);
  return typeof text === 'string' ? text : undefined;
}

function annotationsOf(object: JsonObject): JsonObject {
  const { annotations } = metadataOf(object);
  return isJsonObject(annotations) ? annotations : {};
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const { [annotation]: _own, ...annotations } = annotationsOf(applied);
  return { ...applied, metadata: { ...metadataOf(applied), annotations } };
}
