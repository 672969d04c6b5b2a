import type { Problem } from '../../controller/base/index.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  PathType,
} from '../../controller/objects/index.ts';
import { hostError } from './host-rule.ts';
import { type HttpsRedirect, httpsRedirect } from './https-redirect.ts';
import { ingressRef } from './ingress-ref.ts';
import { pathError } from './path-rule.ts';
import { type PoolRef, poolRef } from './pool-state.ts';

/** One Ingress, checked alone: what can be served of it, apart from Services, Secrets and others. */
export interface ParsedIngress {
  readonly ingress: Ingress;
  /** Paths by host; a host without paths is claimed for its default backend. */
  readonly hosts: ReadonlyMap<string, readonly ParsedPath[]>;
  readonly defaultBackend: ParsedBackend | undefined;
  /** No rules at all: its default backend is everybody's. */
  readonly isGlobal: boolean;
  readonly redirect: HttpsRedirect;
  readonly problems: readonly Problem[];
}

/** One usable path. */
export interface ParsedPath extends ParsedBackend {
  readonly path: string;
  readonly pathType: PathType;
}

/** One usable backend, and the field that names it. */
export interface ParsedBackend {
  readonly pool: PoolRef;
  /** `spec.rules[0].http.paths[1].backend` */
  readonly field: string;
}

/** Takes an Ingress apart. What the API server would refuse is left out, and reported. */
export function parseIngress(ingress: Ingress): ParsedIngress {
  const problems: Problem[] = [];
  const rules = ingress.spec?.rules ?? [];
  const hosts = new Map<string, ParsedPath[]>();
  for (const [index, rule] of rules.entries()) {
    const host = rule.host ?? '';
    const field = `spec.rules[${index}]`;
    const wrong = hostError(host);
    if (wrong !== undefined) {
      problems.push(refusal(ingress, `${field}.host`, 'InvalidHost', `"${host}" ${wrong}`));
      continue;
    }
    const paths = hosts.get(host) ?? [];
    hosts.set(host, paths);
    for (const [position, path] of (rule.http?.paths ?? []).entries()) {
      const parsed = parsePath(ingress, path, `${field}.http.paths[${position}]`, problems);
      if (parsed) paths.push(parsed);
    }
  }
  const fallback = ingress.spec?.defaultBackend;
  const redirect = httpsRedirect(ingress);
  problems.push(...redirect.problems);
  if (rules.length === 0 && !fallback) {
    problems.push(
      refusal(ingress, 'spec', 'InvalidSpec', 'neither rules nor defaultBackend: nothing to serve'),
    );
  }
  return {
    ingress,
    hosts,
    defaultBackend: fallback && parseBackend(ingress, fallback, 'spec.defaultBackend', problems),
    isGlobal: rules.length === 0,
    redirect,
    problems,
  };
}

function parsePath(
  ingress: Ingress,
  rule: HTTPIngressPath,
  field: string,
  problems: Problem[],
): ParsedPath | undefined {
  const path = rule.path ?? '';
  if (!['Exact', 'Prefix', 'ImplementationSpecific'].includes(rule.pathType)) {
    const what = `pathType "${rule.pathType}" is unknown`;
    const instead = 'Exact, Prefix or ImplementationSpecific';
    problems.push(refusal(ingress, `${field}.pathType`, 'InvalidPathType', what, instead));
    return undefined;
  }
  const wrong = pathError(path, rule.pathType);
  if (wrong !== undefined) {
    const what = `path "${path}" of type ${rule.pathType} ${wrong}`;
    problems.push(refusal(ingress, `${field}.path`, 'InvalidPath', what));
    return undefined;
  }
  const backend = parseBackend(ingress, rule.backend, `${field}.backend`, problems);
  return backend && { ...backend, path: path || '/', pathType: rule.pathType };
}

function parseBackend(
  ingress: Ingress,
  backend: IngressBackend,
  field: string,
  problems: Problem[],
): ParsedBackend | undefined {
  const { service, resource } = backend;
  if (resource) {
    const what = `resource backends (${resource.kind} ${resource.name}) are not served`;
    problems.push(refusal(ingress, `${field}.resource`, 'UnsupportedBackend', what, 'service: …'));
    return undefined;
  }
  const number = service?.port?.number;
  const name = service?.port?.name || undefined;
  const isOnePort = (name === undefined) !== (number === undefined);
  const isPort = number === undefined || (Number.isInteger(number) && number > 0 && number < 65536);
  if (!service?.name || !service.port || !isOnePort || !isPort) {
    const what = 'a backend needs service.name and service.port with either a name or a number';
    problems.push(refusal(ingress, field, 'InvalidBackend', what));
    return undefined;
  }
  return { pool: poolRef(ingress.metadata.namespace ?? '', service.name, service.port), field };
}

function refusal(
  ingress: Ingress,
  field: string,
  reason: string,
  what: string,
  instead?: string,
): Problem {
  const message = `${what}; it is left out`;
  const object = ingressRef(ingress, field);
  return { severity: 'error', reason, message, ...(instead && { instead }), object };
}
