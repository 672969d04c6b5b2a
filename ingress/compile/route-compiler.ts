import type { Clock, Problem } from '../../controller/base/index.ts';
import {
  bundleKey,
  type ConfigMap,
  type Ingress,
  type IngressClass,
  type KubeObject,
  objectKey,
  type ServiceBundle,
} from '../../controller/objects/index.ts';
import {
  defaultPrefix,
  missingHeaderMaps,
  ownPrefix,
  readControllerConfig,
  type ReadingRules,
} from '../annotations/index.ts';
import { byAge } from './age-order.ts';
import { CertificateStore } from './certificate-store.ts';
import type { IngressChanges, ObjectChanges } from './changes.ts';
import { type ClassRules, servedAs, unservedProblem } from './classes.ts';
import { type CompiledHost, compileHost, type HostContext, routeBackend } from './compile-host.ts';
import { ingressRef } from './ingress-ref.ts';
import { type ParsedIngress, parseIngress } from './parse-ingress.ts';
import { PoolStore } from './pool-store.ts';
import { References } from './references.ts';
import type { Certificate, RouteBackend, RouteDiff, RouteTable } from './table.ts';
import { TableBuilder } from './table-builder.ts';

/** Which Ingresses to compile, and the clock that certificates expire by. */
export interface RouteCompilerOptions extends ClassRules {
  readonly clock: Pick<Clock, 'wallMs'>;
  /** What ingress-nginx's annotations begin with, slash included; default: its own default. */
  readonly annotationPrefix?: string;
  /** `namespace/name` of the ConfigMap with ingress-nginx's keys. */
  readonly configMap?: string | undefined;
}

/** What one update leads to. */
export interface RouteCompilation {
  readonly table: RouteTable;
  /** Undefined: nothing changed, `table` is the one before. */
  readonly diff: RouteDiff | undefined;
  /** Everything that is wrong now. */
  readonly problems: readonly Problem[];
}

/** Stands for the table's default backend among hosts; no host can be called so. */
const defaultSite = '*';

/**
 * Ingresses, their classes, Services and Secrets in; a `RouteTable` out. Incremental: a host is
 * compiled again when one of its Ingresses, a certificate of it, or the existence of a Service
 * port changes; endpoints that come and go touch their pools alone.
 */
export class RouteCompiler {
  readonly #options: RouteCompilerOptions;
  readonly #ingresses = new Map<string, Ingress>();
  readonly #classes = new Map<string, IngressClass>();
  readonly #served = new Map<string, ParsedIngress>();
  readonly #certificates = new CertificateStore();
  readonly #pools = new PoolStore();
  /** User: Ingress key. Used: host, or the default site. */
  readonly #sites = new References();
  /** User: host. Used: Secret key. */
  readonly #secrets = new References();
  readonly #configMaps = new Map<string, ConfigMap>();
  /** User: host. Used: ConfigMap key. */
  readonly #configMapUsers = new References();
  #rules: ReadingRules;
  #isFirst = true;
  readonly #builder = new TableBuilder();
  readonly #problems = {
    bySite: new Map<string, readonly Problem[]>(),
    byIngress: new Map<string, readonly Problem[]>(),
  };

  constructor(options: RouteCompilerOptions) {
    this.#options = options;
    this.#rules = {
      prefixes: [ownPrefix, options.annotationPrefix ?? defaultPrefix],
      defaults: new Map(),
    };
  }

  /** Takes changes in, and makes the next table if they make a difference. */
  update(changes: IngressChanges): RouteCompilation {
    const dirty = new Set<string>();
    this.#takeBundles(changes, dirty);
    this.#takeSecrets(changes.secrets, dirty);
    this.#takeConfigMaps(changes.configMaps, dirty);
    this.#takeIngresses(changes, dirty);
    this.#isFirst = false;
    for (const site of dirty) this.#compileSite(site);
    for (const change of this.#pools.takeChanges()) this.#builder.setPool(change.key, change.pool);
    return { ...this.#builder.build(), problems: this.#allProblems() };
  }

  /** Whether the Ingress `namespace/name` is served, and so gets status. */
  isServed(key: string): boolean {
    return this.#served.has(key);
  }

  #takeBundles({ bundles }: IngressChanges, dirty: Set<string>): void {
    const took = (serviceKey: string, bundle: ServiceBundle | undefined): void => {
      for (const site of this.#pools.setBundle(serviceKey, bundle)) dirty.add(site);
    };
    for (const bundle of bundles.upserted) took(bundleKey(bundle), bundle);
    for (const key of bundles.removed) took(key, undefined);
  }

  #takeSecrets(changes: IngressChanges['secrets'], dirty: Set<string>): void {
    for (const secret of changes.upserted) this.#certificates.put(secret);
    for (const key of changes.removed) this.#certificates.remove(key);
    for (const key of keysOf(changes)) {
      for (const host of this.#secrets.usersOf(key)) dirty.add(host);
    }
  }

  #takeConfigMaps({ upserted, removed }: IngressChanges['configMaps'], dirty: Set<string>): void {
    for (const map of upserted) this.#configMaps.set(objectKey(map.metadata), map);
    for (const key of removed) this.#configMaps.delete(key);
    const changed = keysOf({ upserted, removed });
    for (const key of changed) {
      for (const host of this.#configMapUsers.usersOf(key)) dirty.add(host);
    }
    const { configMap } = this.#options;
    if (configMap === undefined || (!changed.has(configMap) && !this.#isFirst)) return;
    const read = readControllerConfig(configMap, this.#configMaps.get(configMap));
    this.#rules = {
      ...this.#rules,
      defaults: read.defaults,
      settings: read.settings,
      closed: read.closed,
    };
    setOrDelete(this.#problems.byIngress, '', read.problems);
    for (const key of this.#ingresses.keys()) this.#judge(key, dirty, true);
  }

  #takeIngresses({ ingresses, classes }: IngressChanges, dirty: Set<string>): void {
    for (const one of classes.upserted) this.#classes.set(one.metadata.name, one);
    for (const name of classes.removed) this.#classes.delete(name);
    for (const one of ingresses.upserted) this.#ingresses.set(objectKey(one.metadata), one);
    for (const key of ingresses.removed) this.#ingresses.delete(key);
    const classesChanged = classes.upserted.length > 0 || classes.removed.length > 0;
    const affected = classesChanged
      ? new Set([...this.#ingresses.keys(), ...ingresses.removed])
      : keysOf(ingresses);
    for (const key of affected) this.#judge(key, dirty);
  }

  /** Decides anew whether an Ingress is served; its sites, old and new, are to be compiled. */
  #judge(key: string, dirty: Set<string>, rulesChanged: boolean = false): void {
    const ingress = this.#ingresses.get(key);
    const profile = ingress && servedAs(ingress, this.#classes, this.#options);
    const before = this.#served.get(key);
    const isSame = before?.ingress === ingress && before?.profile === profile;
    if (profile && isSame && !rulesChanged) return;
    const rules = this.#rules;
    const lastGood = before?.annotations;
    const after =
      ingress && profile ? parseIngress(ingress, { profile, rules, lastGood }) : undefined;
    for (const site of this.#sites.usedBy(key)) dirty.add(site);
    this.#sites.set(key, new Set(after && sitesOf(after)));
    for (const site of this.#sites.usedBy(key)) dirty.add(site);
    if (after) this.#served.set(key, after);
    else this.#served.delete(key);
    const foreign = ingress && !profile && unservedProblem(ingress, this.#classes, this.#options);
    setOrDelete(this.#problems.byIngress, key, after?.problems ?? (foreign ? [foreign] : []));
  }

  #compileSite(site: string): void {
    const ingresses = [...this.#sites.usersOf(site)]
      .flatMap((key) => this.#served.get(key) ?? [])
      .toSorted((a, b) => byAge(a.ingress, b.ingress));
    if (site === defaultSite) this.#compileDefault(ingresses);
    else this.#compileHost(site, ingresses);
  }

  #compileHost(host: string, ingresses: readonly ParsedIngress[]): void {
    const compiled =
      ingresses.length > 0 ? compileHost(host, ingresses, this.#context()) : undefined;
    this.#pools.setUser(host, compiled?.pools ?? none);
    this.#secrets.set(host, compiled?.secrets ?? none);
    this.#configMapUsers.set(host, compiled?.configMaps ?? none);
    setOrDelete(this.#problems.bySite, host, compiled?.problems ?? []);
    this.#builder.setHost(host, compiled?.routes, this.#certificateOf(compiled));
  }

  #compileDefault(ingresses: readonly ParsedIngress[]): void {
    const problems: Problem[] = [];
    const [oldest] = ingresses;
    const backend = oldest?.defaultBackend;
    const found: RouteBackend | undefined =
      oldest && backend && routeBackend(oldest, backend, this.#context(), problems);
    const closed = oldest && found && everybodyClosed(oldest, problems);
    const compiled = closed ?? found;
    this.#pools.setUser(defaultSite, new Set(backend ? [backend.pool.key] : []));
    setOrDelete(this.#problems.bySite, defaultSite, problems);
    this.#builder.setDefaultBackend(compiled);
  }

  #context(): HostContext {
    return {
      poolState: (ref) => this.#pools.state(ref),
      certificateState: (key) => this.#certificates.get(key),
      secret: (key) => this.#certificates.secret(key),
      configMap: (key) => this.#configMaps.get(key),
      nowMs: this.#options.clock.wallMs(),
    };
  }

  #certificateOf(compiled: CompiledHost | undefined): Certificate | undefined {
    const id = compiled?.routes.certificate;
    return id === undefined ? undefined : this.#certificates.get(id).certificate;
  }

  #allProblems(): readonly Problem[] {
    const { configMap } = this.#options;
    const missing =
      configMap === undefined
        ? []
        : missingHeaderMaps(configMap, this.#rules.settings ?? {}, (key) =>
            this.#configMaps.has(key),
          );
    const { byIngress, bySite } = this.#problems;
    return [...[...byIngress.values(), ...bySite.values()].flat(), ...missing];
  }
}

const none: ReadonlySet<string> = new Set();

function sitesOf(parsed: ParsedIngress): readonly string[] {
  if (!parsed.isGlobal) {
    const { aliases, redirects } = parsed.further;
    return [...parsed.hosts.keys(), ...aliases.keys(), ...redirects.keys()];
  }
  return parsed.defaultBackend ? [defaultSite] : [];
}

function keysOf(changes: ObjectChanges<KubeObject>): ReadonlySet<string> {
  return new Set([...changes.upserted.map((one) => objectKey(one.metadata)), ...changes.removed]);
}

function setOrDelete(
  map: Map<string, readonly Problem[]>,
  key: string,
  problems: readonly Problem[],
): void {
  if (problems.length > 0) map.set(key, problems);
  else map.delete(key);
}

/** Everybody's backend has no route whose filters could keep anybody out. */
function everybodyClosed(
  { annotations, ingress }: ParsedIngress,
  problems: Problem[],
): RouteBackend | undefined {
  const guarding = annotations.firstAccessControl();
  if (annotations.closed === undefined && guarding === undefined) return undefined;
  const reason = annotations.closed ?? 'GuardedDefaultBackend';
  if (guarding !== undefined && annotations.closed === undefined) {
    problems.push({
      severity: 'error',
      reason,
      message: `${guarding} does not hold for a default backend of all hosts; it answers 503`,
      instead: 'a rule without host, with the path /',
      object: ingressRef(ingress, 'spec.defaultBackend'),
    });
  }
  return { kind: 'unavailable', status: 503, reason };
}
