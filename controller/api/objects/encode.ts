import type { KubeObject } from '../../objects/index.ts';
import { type ApiResource, apiVersionOf } from '../resources/resource.ts';

/**
 * Objects are immutable, and many watchers hear of each: its text is made once. Held as long as the
 * object is, and no longer.
 */
const texts = new WeakMap<KubeObject, string>();

/** An object as JSON, in the version it is asked for. */
export function encodeObject(object: KubeObject, resource: ApiResource): string {
  const apiVersion = apiVersionOf(resource);
  if (object.apiVersion !== apiVersion) return JSON.stringify({ ...object, apiVersion });
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}

/** The object in the version of the resource: custom resources have several, without conversion. */
export function inVersion(object: KubeObject, resource: ApiResource): KubeObject {
  const apiVersion = apiVersionOf(resource);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
