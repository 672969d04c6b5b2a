import type { Problem } from '../../controller/base/index.ts';
import {
  type Ingress,
  type IngressClass,
  legacyClassAnnotation,
} from '../../controller/objects/index.ts';
import { editDistance } from '../annotations/closest.ts';
import type { Profile } from '../annotations/effects/index.ts';
import { ingressRef } from './ingress-ref.ts';

/** Which Ingresses are ours. */
export interface ClassRules {
  /** The class that is ours by name, `portolan` unless configured. */
  readonly ingressClassName: string;
  /** The `IngressClass.spec.controller` that is ours: `portolan.dev/ingress`. */
  readonly controllerName: string;
  /**
   * Adopted besides: class names and controller values of other controllers, which are served with
   * the habits of ingress-nginx; with `=standard` behind, with those of the Ingress API.
   */
  readonly classes: readonly string[];
  /** Serve Ingresses that name no class at all (`--watch-ingress-without-class`). */
  readonly watchWithoutClass: boolean;
}

/** IngressClasses by name. */
export type ClassMap = ReadonlyMap<string, IngressClass>;

/**
 * Whether an Ingress is served here, and so gets status. The field counts before the legacy
 * annotation. A class that is ours by name needs no IngressClass object: without a cluster nobody
 * installs one; but an object of that name with a foreign controller takes it away.
 */
export function isServed(ingress: Ingress, classes: ClassMap, rules: ClassRules): boolean {
  return servedAs(ingress, classes, rules) !== undefined;
}

/** With which habits an Ingress is served; undefined: it is not. */
export function servedAs(
  ingress: Ingress,
  classes: ClassMap,
  rules: ClassRules,
): Profile | undefined {
  const fromField = ingress.spec?.ingressClassName;
  if (fromField !== undefined) {
    const controller = classes.get(fromField)?.spec?.controller;
    return controller === undefined
      ? profileOfName(fromField, rules)
      : profileOf(controller, rules.controllerName, rules);
  }
  const fromAnnotation = ingress.metadata.annotations?.[legacyClassAnnotation];
  if (fromAnnotation !== undefined) return profileOfName(fromAnnotation, rules);
  return rules.watchWithoutClass ? 'standard' : undefined;
}

/** What ingress-nginx calls itself, and what its class is called where nobody says otherwise. */
const nginxController = 'k8s.io/ingress-nginx';
const nginxClass = 'nginx';

function profileOfName(name: string, rules: ClassRules): Profile | undefined {
  const own = profileOf(name, rules.ingressClassName, rules);
  if (own || name !== nginxClass) return own;
  return profileOf(nginxController, '', rules);
}

/** Adopted classes keep the habits of ingress-nginx unless the configuration says otherwise. */
function profileOf(name: string, own: string, { classes }: ClassRules): Profile | undefined {
  for (const entry of classes) {
    const [adopted, profile = 'nginx'] = entry.split('=');
    if (adopted === name) return profile === 'standard' ? 'standard' : 'nginx';
  }
  return name === own ? 'standard' : undefined;
}

/**
 * What to say of an Ingress that is not served: only when it looks meant for us, since clusters
 * with several controllers are full of Ingresses that are none of our business.
 */
export function unservedProblem(
  ingress: Ingress,
  classes: ClassMap,
  rules: ClassRules,
): Problem | undefined {
  const named =
    ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[legacyClassAnnotation];
  if (named !== undefined && classes.has(named)) return undefined;
  const alone = [...classes.values()].every((one) => isOurController(one, rules));
  if (named === undefined) return alone ? withoutClass(ingress, rules) : undefined;
  if (!alone && editDistance(named, rules.ingressClassName) > 2) return undefined;
  return {
    severity: 'warning',
    reason: 'NoSuchIngressClass',
    message: `class "${named}" does not exist, so nothing serves this Ingress`,
    instead: `ingressClassName: ${rules.ingressClassName}`,
    object: ingressRef(ingress, 'spec.ingressClassName'),
  };
}

function withoutClass(ingress: Ingress, rules: ClassRules): Problem {
  return {
    severity: 'warning',
    reason: 'NoIngressClass',
    message: 'no ingressClassName, so nothing serves this Ingress',
    instead: `ingressClassName: ${rules.ingressClassName}`,
    object: ingressRef(ingress, 'spec.ingressClassName'),
  };
}

function isOurController(found: IngressClass, rules: ClassRules): boolean {
  const controller = found.spec?.controller;
  if (controller === undefined) return false;
  return profileOf(controller, rules.controllerName, rules) !== undefined;
}
