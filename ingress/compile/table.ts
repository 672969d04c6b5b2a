import type { Generational, ObjectRef } from '../../controller/base/index.ts';
import type { PathType } from '../../controller/objects/index.ts';
import type { Algorithm } from '../../proxy/balancer/index.ts';
import type { FilterConfig } from '../filters/config.ts';
import type { PoolProtection } from './pool-protection.ts';
import type { RouteOptions } from './route-options.ts';

/** Everything an ingress engine needs to serve. Plain data: it crosses process borders. */
export interface RouteTable extends Generational {
  /** By host: exact, `*.suffix`, or '' for rules without a host. */
  readonly hosts: ReadonlyMap<string, HostRoutes>;
  /** By `Pool.key`. Apart from routes, so that endpoint changes leave routes alone. */
  readonly pools: ReadonlyMap<string, Pool>;
  /** By `Certificate.id` (`namespace/secretName`). */
  readonly certificates: ReadonlyMap<string, Certificate>;
  /** For requests that no host took. Undefined: the built-in 404. */
  readonly defaultBackend: RouteBackend | undefined;
}

/** Changes between two tables that follow each other. */
export interface RouteDiff {
  readonly fromGeneration: number;
  readonly hosts: {
    readonly upserted: readonly HostRoutes[];
    readonly removed: readonly string[];
  };
  readonly pools: { readonly upserted: readonly Pool[]; readonly removed: readonly string[] };
  readonly certificates: {
    readonly upserted: readonly Certificate[];
    readonly removed: readonly string[];
  };
  readonly defaultBackend: RouteBackend | undefined;
}

/** One host's routes. A host that matched decides alone: there is no fall-through to another. */
export interface HostRoutes {
  readonly host: string;
  /** In order of precedence: the first that matches serves. */
  readonly routes: readonly Route[];
  /** For paths that no route takes. Undefined: the table's default. */
  readonly defaultBackend: RouteBackend | undefined;
  /** `Certificate.id` served for this name; undefined: the default certificate. */
  readonly certificate: string | undefined;
  /** A `tls` section names this host: plain HTTP may be redirected. */
  readonly tls: boolean;
  /** `//` counts as `/` when a route is chosen, as nginx has it. */
  readonly mergeSlashes?: true;
  /** For paths that no route takes: what `Route.httpsRedirect` says for the others. */
  readonly httpsRedirect: boolean;
  /** `Pool.key` of those who end TLS for this name (SNI) themselves; absent: it ends here. */
  readonly passthrough?: string;
  /** Clients are asked for a certificate; what it is worth is for a filter to say. */
  readonly clientAuthority?: ClientAuthority;
}

/** Whose certificates count when clients show one. */
export interface ClientAuthority {
  /** PEM, one or more. */
  readonly caPem: string;
  /** PEM: certificates that do not count any more. */
  readonly crlPem?: string;
}

/**
 * How a path is matched. `regex`: `path` is a pattern, and so it is for all routes of the host,
 * which are tried in their order.
 */
export interface RouteMatchRule {
  readonly kind: 'exact' | 'prefix' | 'regex';
  readonly path: string;
}

/** One path of one rule. */
export interface Route {
  /** Stable over recompilation: `namespace/ingress/host/pathType/path`. */
  readonly id: string;
  readonly path: string;
  /** Normalised: ImplementationSpecific has become what it means here. */
  readonly match: RouteMatchRule;
  readonly pathType: PathType;
  readonly backend: RouteBackend;
  /** Plain HTTP is sent to https: the host has TLS, and no annotation says otherwise. */
  readonly httpsRedirect: boolean;
  /** What is done to its requests beyond delivering them, in any order. */
  readonly filters: readonly FilterConfig[];
  /** Undefined: all as the engine has it. */
  readonly options: RouteOptions | undefined;
  /** The Ingress it comes from, for `describe`, logs and metrics. */
  readonly ingress: ObjectRef;
}

export type RouteBackend =
  | { readonly kind: 'pool'; readonly pool: string }
  /** The rule is there, what it names is not: 503 (or 500 as the API's conformance says). */
  | { readonly kind: 'unavailable'; readonly status: number; readonly reason: string };

/** The endpoints behind one Service port, shared by all routes that name it. */
export interface Pool {
  /** `namespace/service:port` with the port as the Ingress wrote it. */
  readonly key: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  readonly algorithm: Algorithm;
  /** From the Service port's appProtocol. `h2` is HTTP/2 over TLS, `h2c` without it. */
  readonly protocol: 'http' | 'https' | 'h2c' | 'h2';
  readonly endpoints: readonly PoolEndpoint[];
  readonly protection: PoolProtection;
}

export interface PoolEndpoint {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

/** A certificate from a Secret, already checked: it parses, and the key belongs to it. */
export interface Certificate {
  readonly id: string;
  /** SHA-256 of certificate and key: equal means nothing to reload. */
  readonly fingerprint: string;
  /** PEM, leaf first. */
  readonly certificatePem: string;
  /** PEM. A secret: engines hand it to TLS and nowhere else. */
  readonly privateKeyPem: string;
  /** DNS names it covers (subjectAltName, else CN), lower case. */
  readonly serverNames: readonly string[];
  /** Unix milliseconds. */
  readonly notAfterMs: number;
}
