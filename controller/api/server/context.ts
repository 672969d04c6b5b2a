import type { Clock, Log, Meter, Position, Random } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { User } from '../access/user.ts';
import type { ResourceTarget } from '../request/target.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ApiResource } from '../resources/resource.ts';
import type { Subject } from '../status.ts';

/** What every part of the API works with. */
export interface ApiContext {
  readonly objects: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  /** Where a manifest defines the object; undefined: no manifest does. */
  readonly manifestOf: (object: KubeObject) => Position | undefined;
}

/** A request that is understood: who wants what of which resource. */
export interface ResourceRequest {
  readonly target: ResourceTarget;
  readonly resource: ApiResource;
  readonly user: User;
  readonly parameters: URLSearchParams;
  /** The Accept header, or '' */
  readonly accept: string;
  readonly userAgent: string | undefined;
  /** Paths of keys that stand twice in the body. */
  readonly duplicates?: readonly string[];
}

/** How messages name what a request is about. */
export function subjectOf({
  resource,
  target,
}: Pick<ResourceRequest, 'resource' | 'target'>): Subject {
  const { group, plural, kind } = resource;
  return { group, plural, kind, name: target.name };
}

/** An answer that is whole. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** JSON, as nearly everything is answered. */
export function jsonReply(value: unknown, status = 200): Reply {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}
