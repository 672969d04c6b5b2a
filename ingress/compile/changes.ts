import type {
  BundleChanges,
  ConfigMap,
  Ingress,
  IngressClass,
  Secret,
} from '../../controller/objects/index.ts';

/** What changed in one kind since the last compilation. `removed` holds `namespace/name` keys. */
export interface ObjectChanges<T> {
  readonly upserted: readonly T[];
  readonly removed: readonly string[];
}

/** Everything that a `RouteTable` is made of. The first call carries all objects. */
export interface IngressChanges {
  readonly bundles: BundleChanges;
  readonly ingresses: ObjectChanges<Ingress>;
  /** Keys are bare names: the kind is cluster-scoped. */
  readonly classes: ObjectChanges<IngressClass>;
  readonly secrets: ObjectChanges<Secret>;
  readonly configMaps: ObjectChanges<ConfigMap>;
}

/** No change of one kind. */
export const noChanges: {
  readonly upserted: readonly never[];
  readonly removed: readonly never[];
} = { upserted: [], removed: [] };
