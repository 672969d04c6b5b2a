import type { Problem } from '../../controller/base/index.ts';
import type { Ingress } from '../../controller/objects/index.ts';
import { ingressRef } from '../compile/ingress-ref.ts';
import { closest } from './closest.ts';
import type { ControllerSettings } from './controller-keys.ts';
import type { Annotation } from './annotation.ts';
import {
  type AnnotationName,
  annotationInfo,
  annotationNamed,
  annotations,
  type AnnotationValues,
  removedAnnotations,
  writtenNames,
} from './registry.ts';

/** How the annotations of an Ingress are to be read. */
export interface ReadingRules {
  /** In order of precedence. */
  readonly prefixes: readonly string[];
  /** What holds for Ingresses that say nothing: from the controller's ConfigMap. */
  readonly defaults: ReadonlyMap<AnnotationName, string>;
  readonly settings?: ControllerSettings;
  /** Why no route may be served: what holds for all of them cannot be read. */
  readonly closed?: string | undefined;
}

/** No real value comes near; what does is refused before any parser sees it. */
const longestText = 65_536;

/** Our own names come first: an Ingress may say one thing here and another in ingress-nginx. */
export const ownPrefix = 'portolan.dev/';

/**
 * The annotations of one Ingress as far as they can be read, and what is to be said of the rest.
 * `lastGood`: of the same Ingress before it changed. What worked then goes on working where the
 * new value cannot be read, except for access control, which closes.
 */
export class IngressAnnotations {
  readonly ingress: Ingress;
  readonly problems: readonly Problem[];
  /** What the controller's ConfigMap says besides. */
  readonly settings: ControllerSettings;
  /** Why the routes answer 503; undefined: they are served. */
  readonly closed: string | undefined;
  readonly #texts: ReadonlyMap<AnnotationName, string>;
  readonly #written: ReadonlyMap<AnnotationName, string>;
  readonly #defaults: ReadonlyMap<AnnotationName, string>;

  constructor(ingress: Ingress, rules: ReadingRules, lastGood?: IngressAnnotations) {
    const reading = new Reading(ingress, rules, lastGood ? lastGood.#texts : undefined);
    this.ingress = ingress;
    this.#texts = reading.texts;
    this.#written = reading.setBy;
    this.#defaults = rules.defaults;
    this.settings = rules.settings ?? {};
    this.problems = reading.problems;
    this.closed = reading.closed ?? rules.closed;
  }

  /** True if nothing at all is set, by the Ingress or for all of them. */
  get isEmpty(): boolean {
    return this.#texts.size === 0 && this.#defaults.size === 0;
  }

  /** The value in force: the Ingress' own, or else everybody's. */
  get<N extends AnnotationName>(name: N): AnnotationValues[N] | undefined {
    const own = this.#texts.get(name) ?? this.#defaults.get(name);
    return own === undefined ? undefined : annotations[name].grammar.parse(own);
  }

  /** Whether the Ingress itself says it. */
  has(name: AnnotationName): boolean {
    return this.#texts.has(name);
  }

  /** Whether it is written, by the Ingress or for all of them, readable or not. */
  asksFor(name: AnnotationName): boolean {
    return this.#written.has(name) || this.#defaults.has(name);
  }

  /** Something that decides who may pass and is set, by the Ingress or for all of them. */
  firstAccessControl(): AnnotationName | undefined {
    return guarding.find((name) => this.#texts.has(name) || this.#defaults.has(name));
  }

  /** A problem with the value of an annotation that only the whole shows. */
  problem(name: AnnotationName, over: Omit<Problem, 'object'>): Problem {
    return { ...over, object: ingressRef(this.ingress, annotationField(this.ingress, name)) };
  }
}

/** Each of them keeps somebody out by itself. */
const guarding = [
  'allowlist-source-range',
  'denylist-source-range',
  'auth-type',
  'auth-url',
  'auth-tls-secret',
] as const satisfies readonly AnnotationName[];

/** `metadata.annotations["…"]` as it is written in the Ingress. */
function annotationField(ingress: Ingress, name: AnnotationName): string {
  const { alias } = annotationInfo(name);
  const written = Object.keys(ingress.metadata.annotations ?? {}).find((key) => {
    const bare = key.slice(key.indexOf('/') + 1);
    return bare === name || bare === alias;
  });
  return `metadata.annotations["${written ?? name}"]`;
}

/** One pass over the annotations of an Ingress. */
class Reading {
  readonly texts: Map<AnnotationName, string> = new Map();
  readonly problems: Problem[] = [];
  closed: string | undefined = undefined;
  readonly #ingress: Ingress;
  readonly #lastGood: ReadonlyMap<AnnotationName, string> | undefined;
  /** By which prefix: an earlier one wins, and the name itself wins over its alias. */
  readonly setBy: Map<AnnotationName, string> = new Map();

  constructor(
    ingress: Ingress,
    { prefixes }: ReadingRules,
    lastGood: ReadonlyMap<AnnotationName, string> | undefined,
  ) {
    this.#ingress = ingress;
    this.#lastGood = lastGood;
    const written = Object.entries(ingress.metadata.annotations ?? {});
    for (const prefix of prefixes) {
      for (const [key, text] of written) {
        if (key.startsWith(prefix)) this.#take(key, key.slice(prefix.length), text, prefix);
      }
    }
  }

  #take(key: string, written: string, text: string, prefix: string): void {
    const name = annotationNamed(written);
    if (name === undefined) {
      // Others put annotations of their own under our prefix.
      if (prefix !== ownPrefix) this.#unknown(key, written);
      return;
    }
    if (this.texts.has(name) && (name !== written || prefix !== this.setBy.get(name))) return;
    this.setBy.set(name, prefix);
    const info = annotationInfo(name);
    const value = isAcceptable(name, text) ? info.grammar.parse(text.trim()) : undefined;
    if (value === undefined) this.#invalid(key, name, text, info);
    else if (this.#handle(key, info, value)) this.texts.set(name, text.trim());
  }

  #invalid(key: string, name: AnnotationName, text: string, info: Annotation<unknown>): void {
    const before = info.isAccessControl ? undefined : this.#lastGood?.get(name);
    if (before !== undefined) this.texts.set(name, before);
    if (info.isAccessControl) this.closed ??= 'InvalidAnnotation';
    const inForce = info.isAccessControl
      ? 'its routes answer 503'
      : before === undefined
        ? `${info.default || 'none'} is in force`
        : 'the value it had before stays in force';
    this.#say(key, {
      severity: info.isAccessControl ? 'error' : 'warning',
      reason: 'InvalidAnnotation',
      message: `${quoted(text)} is not ${info.grammar.form}; ${inForce}`,
      instead: info.grammar.form,
    });
  }

  /** False: there is nothing to be done with it. A switch that is off asks for nothing. */
  #handle(key: string, { handling }: Annotation<unknown>, value: unknown): boolean {
    switch (handling.kind) {
      case 'acts':
        return true;
      case 'ignored':
        return false;
      case 'warned':
        if (value === false) return false;
        this.#say(key, {
          severity: 'warning',
          reason: 'UnsupportedAnnotation',
          message: 'not supported; the Ingress is served without it',
          instead: handling.instead,
        });
        return false;
      case 'refused':
        if (value === false) return false;
        this.closed ??= 'UnsupportedAnnotation';
        this.#say(key, {
          severity: 'error',
          reason: 'UnsupportedAnnotation',
          message: 'not supported, and serving without it would be unsafe; its routes answer 503',
          instead: handling.instead,
        });
        return false;
    }
  }

  #unknown(key: string, written: string): void {
    const gone = removedAnnotations.find(([start]) => written.startsWith(start));
    const near = gone ? undefined : closest(written, writtenNames);
    const instead = gone?.[1] ?? near;
    this.#say(key, {
      severity: 'warning',
      reason: gone ? 'RemovedAnnotation' : 'UnknownAnnotation',
      message: gone
        ? 'ingress-nginx itself removed it; nothing acts on it'
        : 'unknown; nothing acts on it',
      ...(instead !== undefined && { instead }),
    });
  }

  #say(key: string, problem: Omit<Problem, 'object'>): void {
    const shown = { ...problem, message: `annotation ${key}: ${problem.message}` };
    this.problems.push({
      ...shown,
      object: ingressRef(this.#ingress, `metadata.annotations["${key}"]`),
    });
  }
}

/** Line ends would be injection anywhere but in a snippet, which is lines. */
function isAcceptable(name: AnnotationName, text: string): boolean {
  if (text.length > longestText || text.includes('\0')) return false;
  return name.endsWith('-snippet') || !/[\r\n]/.test(text.trim());
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
