import type { Problem } from '../../../controller/base/index.ts';
import type { ConfigMap, PathType, Secret } from '../../../controller/objects/index.ts';
import type { RouteOptions } from '../../compile/route-options.ts';
import type { FilterConfig } from '../../filters/index.ts';
import type { ObjectName } from '../grammar-network.ts';
import type { IngressAnnotations } from '../read.ts';
import type { AnnotationName } from '../registry.ts';

/** Which habits a host has: those of the Ingress API, or those of ingress-nginx. */
export type Profile = 'standard' | 'nginx';

/** The route that annotations act on. */
export interface RouteSite {
  readonly annotations: IngressAnnotations;
  readonly profile: Profile;
  readonly namespace: string;
  /** `namespace/name` of the Ingress. */
  readonly ingressKey: string;
  readonly host: string;
  readonly path: string;
  readonly pathType: PathType;
  /** The host has TLS, so plain requests may be redirected. */
  readonly hasTls: boolean;
  /** `Pool.key` of the route's own backend. */
  readonly service: { readonly name: string; readonly port: string };
}

/** Other objects, as far as annotations name them. Asking remembers: a change asks again. */
export interface Surroundings {
  /** By `namespace/name`. */
  readonly secret: (key: string) => Secret | undefined;
  readonly configMap: (key: string) => ConfigMap | undefined;
  /** `Pool.key` of a Service port, the first one if none is said; undefined: there is none. */
  readonly pool: (namespace: string, service: string, port?: number) => string | undefined;
}

/** What the annotations of a route come to. */
export class RouteEffects {
  readonly filters: FilterConfig[] = [];
  readonly problems: Problem[] = [];
  options: RouteOptions | undefined = undefined;
  /** Why the route answers 503. */
  closed: string | undefined;
  readonly site: RouteSite;
  readonly surroundings: Surroundings;

  constructor(site: RouteSite, surroundings: Surroundings) {
    this.site = site;
    this.surroundings = surroundings;
    this.closed = site.annotations.closed;
  }

  add(filter: FilterConfig): void {
    this.filters.push(filter);
  }

  /** Something that was asked for does not happen. */
  warn(name: AnnotationName, reason: string, message: string, instead?: string): void {
    const problem = { severity: 'warning', reason, message, ...(instead && { instead }) } as const;
    this.problems.push(this.site.annotations.problem(name, problem));
  }

  /** Serving would let pass what was not to pass. */
  close(name: AnnotationName, reason: string, what: string, instead?: string): void {
    this.closed ??= reason;
    const message = `${what}; the route answers 503`;
    const problem = { severity: 'error', reason, message, ...(instead && { instead }) } as const;
    this.problems.push(this.site.annotations.problem(name, problem));
  }

  /** The key of a named object of the Ingress' own namespace; closes the route for any other. */
  ownKey(name: AnnotationName, { namespace, name: object }: ObjectName): string | undefined {
    const { site } = this;
    if (namespace !== undefined && namespace !== site.namespace) {
      const what = `${namespace}/${object} is in another namespace`;
      this.close(name, 'OtherNamespace', what, `an object of namespace ${site.namespace}`);
      return undefined;
    }
    return `${site.namespace}/${object}`;
  }
}
