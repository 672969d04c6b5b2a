import type { JsonObject } from '../patch/json.ts';

/** A resource that the API serves, as far as its documents speak of it. */
export interface OpenApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly subresources: readonly ('status' | 'scale')[];
  /** `openAPIV3Schema` of a CustomResourceDefinition's version; absent for published kinds. */
  readonly schema?: JsonObject;
}

/** OpenAPI 2.0 (`/openapi/v2`, older kubectl) or 3.0 (`/openapi/v3`). */
export type OpenApiVersion = 'v2' | 'v3';

/** `x-kubernetes-group-version-kind`. */
export function groupVersionKind(resource: {
  readonly apiVersion: string;
  readonly kind: string;
}): {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
} {
  const { group, version } = splitApiVersion(resource.apiVersion);
  return { group, version, kind: resource.kind };
}

/** `v1` is version v1 of the core group, ''. */
export function splitApiVersion(apiVersion: string): {
  readonly group: string;
  readonly version: string;
} {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

/** Where a version of a group is served: `api/v1`, `apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
}
