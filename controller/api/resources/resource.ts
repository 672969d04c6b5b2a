import type { ObjectType } from '../../store/index.ts';

/** Below an object: `…/services/web/status`. */
export type Subresource = 'status' | 'scale' | 'proxy';

/** Answered on the spot, never stored: reviews of what a user may do. */
export type ReviewKind = 'SelfSubjectAccessReview' | 'SelfSubjectRulesReview' | 'SelfSubjectReview';

/** One type of objects in one version, as the API serves it. */
export interface ApiResource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** Under which the store keeps it; all versions of a kind share one. */
  readonly type: ObjectType;
  /** There by a CustomResourceDefinition, whose version this is. */
  readonly custom?: CustomVersion;
  /** Only `create`, and nothing is stored. */
  readonly review?: ReviewKind;
}

/** What a CustomResourceDefinition says of one of its versions, as far as needed to serve it. */
export interface CustomVersion {
  /** `openAPIV3Schema`. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  readonly printerColumns: readonly PrinterColumn[];
  /** JSONPaths of `subresources.scale`. */
  readonly scale: ScalePaths | undefined;
}

export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** `additionalPrinterColumns[]`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** `v1`, `networking.k8s.io/v1`. */
export function apiVersionOf({ group, version }: Pick<ApiResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** What can be done with objects of a resource; reviews are made only. */
export function verbsOf({ review }: ApiResource): readonly string[] {
  if (review) return ['create'];
  return ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
}
