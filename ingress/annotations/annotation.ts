import type { Grammar } from './grammar.ts';

/** What an annotation acts on. `host` and `pool`: the first Ingress that sets it decides. */
export type Scope = 'path' | 'host' | 'pool' | 'ingress';
/** ingress-nginx's own rating, which its `annotations-risk-level` compares with. */
export type Risk = 'Low' | 'Medium' | 'High' | 'Critical';

/** What Portolan does with an annotation. */
export type Handling =
  /** It acts. `difference`: in what it does not act as in ingress-nginx. */
  | { readonly kind: 'acts'; readonly difference?: string }
  /** It has no meaning here, and nothing is lost. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** The Ingress is served without it, and the user is told. */
  | { readonly kind: 'warned'; readonly instead: string }
  /** Serving without it would open what is meant to be closed: its routes answer 503. */
  | { readonly kind: 'refused'; readonly instead: string };

/** All that is to be known about one annotation: parser, checks and manual come from it. */
export interface Annotation<T> {
  readonly grammar: Grammar<T>;
  /** In words; '' for none. */
  readonly default: string;
  readonly scope: Scope;
  readonly risk: Risk;
  /** 1: nearly every user has it. 2: common. 3: rare, or nothing without nginx. */
  readonly tier: 1 | 2 | 3;
  readonly handling: Handling;
  /** It decides who may pass: a value that cannot be read closes the Ingress' routes. */
  readonly isAccessControl?: true;
  /** A second name for the same; the canonical one wins. */
  readonly alias?: string;
}

/** A part of the registry. The type of each value stands in `Values`. */
export type AnnotationTable<Values> = { readonly [N in keyof Values]: Annotation<Values[N]> };

/** It acts, as in ingress-nginx or but for `difference`. */
export function acts(difference?: string): Handling {
  return difference === undefined ? { kind: 'acts' } : { kind: 'acts', difference };
}

/** Nothing is lost without it. */
export function ignored(why: string): Handling {
  return { kind: 'ignored', why };
}

/** Served without it. */
export function warned(instead: string): Handling {
  return { kind: 'warned', instead };
}

/** Not served with it. */
export function refused(instead: string): Handling {
  return { kind: 'refused', instead };
}

type Over = Pick<Annotation<unknown>, 'isAccessControl' | 'alias'>;

/** One row: value, default, scope, risk, tier, what is done with it. */
export function row<T>(
  grammar: Grammar<T>,
  fallback: string,
  scope: Scope,
  risk: Risk,
  tier: 1 | 2 | 3,
  handling: Handling = acts(),
  over: Over = {},
): Annotation<T> {
  return { grammar, default: fallback, scope, risk, tier, handling, ...over };
}

/** For rows of annotations that decide who may pass. */
export const access: { readonly isAccessControl: true } = { isAccessControl: true };
