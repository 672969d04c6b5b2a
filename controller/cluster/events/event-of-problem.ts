import { createHash } from 'node:crypto';
import type { Problem } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** An Event (core/v1) as it is first written. */
export interface NewEvent extends KubeObject {
  readonly count: number;
  readonly message: string;
  readonly lastTimestamp: string;
}

/** The API's limit on `message`, in bytes; ours are ASCII but for names. */
const longestMessage = 1_000;

/** Seconds since the epoch as Events have them, from milliseconds: RFC 3339 without a fraction. */
export function eventTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/**
 * The Event that tells of a problem with `object`. Its name follows from `key`, so that whoever
 * tells of it again finds it.
 */
export function eventOfProblem(
  { reason, object: ref }: Problem,
  object: KubeObject,
  { key, message }: { readonly key: string; readonly message: string },
  { nodeName, time }: { readonly nodeName: string; readonly time: string },
): NewEvent {
  const { namespace = '', name, uid } = object.metadata;
  const hash = createHash('sha256').update(`${uid}/${key}`).digest('hex').slice(0, 16);
  const involved = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace,
    name,
    uid,
    ...(ref?.field !== undefined && { fieldPath: ref.field }),
  };
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    // Events about what has no namespace lie in `default`, as everybody's do.
    metadata: { namespace: namespace || 'default', name: `${name}.${hash}` },
    involvedObject: involved,
    type: 'Warning',
    reason,
    message: message.slice(0, longestMessage),
    source: { component: 'portolan', host: nodeName },
    reportingComponent: 'portolan',
    reportingInstance: nodeName,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  return event;
}
