import type { Generational } from '../../controller/base/index.ts';
import type { Protocol } from '../../controller/objects/index.ts';

/** What cluster DNS answers from, free of DNS itself: names and addresses. Plain data. */
export interface ZoneTable extends Generational {
  /** Names of Namespace objects, and of namespaces that only objects imply. */
  readonly namespaces: ReadonlySet<string>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, ServiceRecords>;
  /** Labels of Namespace objects by name; undefined: nobody asked for them. */
  readonly namespaceLabels?: ReadonlyMap<string, Labels>;
  /** Pod addresses by namespace, for `pods verified`. */
  readonly pods: ReadonlyMap<string, ReadonlySet<string>>;
  /** Unix seconds of the last change that alters an answer: the SOA serial. */
  readonly serial: number;
}

/** `metadata.labels`. */
export type Labels = Readonly<Record<string, string>>;

/** Changes between two tables that follow each other; keys as in the table. */
export interface ZoneDiff {
  readonly fromGeneration: number;
  readonly upserted: readonly ServiceRecords[];
  readonly removed: readonly string[];
  readonly namespacesAdded: readonly string[];
  readonly namespacesRemoved: readonly string[];
  /** All of them, when any changed. */
  readonly namespaceLabels?: ReadonlyMap<string, Labels>;
  /** Namespaces whose pod addresses changed, with all of them. */
  readonly pods: readonly { readonly namespace: string; readonly addresses: readonly string[] }[];
  readonly serial: number;
}

/** What one Service gives DNS. */
export interface ServiceRecords {
  readonly namespace: string;
  readonly name: string;
  readonly target: ServiceTarget;
  /** Undefined: nobody asked for them. */
  readonly labels?: Labels;
}

export type ServiceTarget =
  | {
      readonly kind: 'ClusterIP';
      readonly addresses: readonly string[];
      readonly ports: readonly RecordPort[];
      /** Endpoint names answer below ClusterIP Services too, as CoreDNS does. */
      readonly endpoints: readonly EndpointRecord[];
      readonly externalAddresses: readonly string[];
      /** Of load balancers that have no address of their own, without the trailing dot. */
      readonly externalHostnames?: readonly string[];
    }
  | { readonly kind: 'Headless'; readonly endpoints: readonly EndpointRecord[] }
  /** Without the trailing dot. */
  | { readonly kind: 'ExternalName'; readonly externalName: string };

/** A named port, for SRV. */
export interface RecordPort {
  /** '' for an unnamed port: it has no `_port._proto` name. */
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** One ready endpoint address. */
export interface EndpointRecord {
  readonly address: string;
  /** `hostname` of the endpoint; undefined: the dashed address names it. */
  readonly hostname: string | undefined;
  /** The Pod behind it, for `endpoint_pod_names`. */
  readonly podName: string | undefined;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly ports: readonly RecordPort[];
}
