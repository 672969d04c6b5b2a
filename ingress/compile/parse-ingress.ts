import type { Problem } from '../../controller/base/index.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  PathType,
} from '../../controller/objects/index.ts';
import { type FurtherHosts, furtherHosts } from './further-hosts.ts';
import { hostError } from './host-rule.ts';
import type { Profile } from '../annotations/effects/index.ts';
import { IngressAnnotations, type ReadingRules } from '../annotations/index.ts';
import { ingressRef } from './ingress-ref.ts';
import { pathError } from './path-rule.ts';
import { type PoolRef, poolRef } from './pool-state.ts';
import { type PoolVariant, poolVariant } from './pool-variant.ts';

/** One Ingress, checked alone: what can be served of it, apart from Services, Secrets and others. */
export interface ParsedIngress {
  readonly ingress: Ingress;
  /** Paths by host; a host without paths is claimed for its default backend. */
  readonly hosts: ReadonlyMap<string, readonly ParsedPath[]>;
  /** Names beside those of the rules. */
  readonly further: FurtherHosts;
  readonly defaultBackend: ParsedBackend | undefined;
  /** No rules at all: its default backend is everybody's. */
  readonly isGlobal: boolean;
  readonly annotations: IngressAnnotations;
  readonly profile: Profile;
  /** It accompanies another: its paths are alternatives, not routes. */
  readonly isCanary: boolean;
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

/** How an Ingress is read. */
export interface ParseOptions {
  readonly profile: Profile;
  readonly rules: ReadingRules;
  /** Of the same Ingress, as it was read before. */
  readonly lastGood?: IngressAnnotations | undefined;
}

/** Takes an Ingress apart. What the API server would refuse is left out, and reported. */
export function parseIngress(
  ingress: Ingress,
  { profile, rules: reading, lastGood }: ParseOptions,
): ParsedIngress {
  const annotations = new IngressAnnotations(ingress, reading, lastGood);
  const problems: Problem[] = [...annotations.problems];
  const variant = poolVariant(annotations);
  const parsing: Parsing = { ingress, variant, problems };
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
      const parsed = parsePath(parsing, path, `${field}.http.paths[${position}]`);
      if (parsed) paths.push(parsed);
    }
  }
  const fallback = ingress.spec?.defaultBackend;
  if (rules.length === 0 && !fallback) {
    problems.push(
      refusal(ingress, 'spec', 'InvalidSpec', 'neither rules nor defaultBackend: nothing to serve'),
    );
  }
  return {
    ingress,
    hosts,
    further: furtherHosts(annotations, hosts, problems),
    defaultBackend: fallback && parseBackend(parsing, fallback, 'spec.defaultBackend'),
    isGlobal: rules.length === 0,
    annotations,
    profile,
    isCanary: annotations.get('canary') === true,
    problems,
  };
}

/** What is the same for all parts of an Ingress. */
interface Parsing {
  readonly ingress: Ingress;
  readonly variant: PoolVariant | undefined;
  readonly problems: Problem[];
}

function parsePath(
  { ingress, variant, problems }: Parsing,
  rule: HTTPIngressPath,
  field: string,
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
  const backend = parseBackend({ ingress, variant, problems }, rule.backend, `${field}.backend`);
  return backend && { ...backend, path: path || '/', pathType: rule.pathType };
}

function parseBackend(
  { ingress, variant, problems }: Parsing,
  backend: IngressBackend,
  field: string,
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
  return {
    pool: poolRef(ingress.metadata.namespace ?? '', service.name, service.port, variant),
    field,
  };
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
