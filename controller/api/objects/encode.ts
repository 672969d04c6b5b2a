import type { KubeObject } from '../../objects/index.ts';
import type { ObjectEvent } from '../../store/index.ts';
import { type ApiResource, apiVersionOf } from '../resources/resource.ts';

/** As many changes as one commit may bring. */
const maxShared = 512;

/**
 * An object as JSON, in the version it is asked for. Texts are not kept: with 10 000 Services they
 * would take tens of MiB, and a list of those takes a tenth of a second without.
 */
export function encodeObject(object: KubeObject, resource: ApiResource): string {
  return JSON.stringify(inVersion(object, resource));
}

type ChangeEvent = Exclude<ObjectEvent, { readonly type: 'BOOKMARK' }>;

/** What was told last: usually the next watcher hears the same. */
let told: {
  readonly events: readonly ChangeEvent[];
  readonly apiVersion: string;
  readonly bytes: Buffer;
} = { events: [], apiVersion: '', bytes: Buffer.alloc(0) };

/** Lines of a watch. Made once for all watchers that hear of them one after the other. */
export function encodeEvents(events: readonly ChangeEvent[], resource: ApiResource): Buffer {
  const apiVersion = apiVersionOf(resource);
  const isKnown = told.apiVersion === apiVersion && sameEvents(told.events, events);
  if (isKnown) return told.bytes;
  const bytes = Buffer.from(events.map((event) => encodeEvent(event, resource)).join(''));
  // What a watch begins with is for itself alone, and may be large.
  if (events.length <= maxShared) told = { events, apiVersion, bytes };
  return bytes;
}

/** One line of a watch. */
export function encodeEvent({ type, object }: ChangeEvent, resource: ApiResource): string {
  return `{"type":"${type}","object":${encodeObject(object, resource)}}\n`;
}

/** Objects never change, so the same ones are the same text. */
function sameEvents(a: readonly ChangeEvent[], b: readonly ChangeEvent[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ type, object }, n) => type === b[n]?.type && object === b[n].object)
  );
}

/** The object in the version of the resource: custom resources have several, without conversion. */
export function inVersion(object: KubeObject, resource: ApiResource): KubeObject {
  const apiVersion = apiVersionOf(resource);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
