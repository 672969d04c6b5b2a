/**
 * L7 ingress: objects are compiled to a `RouteTable`, a router chooses among its routes, and an
 * engine serves them.
 */
export { annotationDifferences, defaultPrefix as ingressNginxPrefix } from './annotations/index.ts';
export * from './compile/index.ts';
export * from './engines/compat/index.ts';
export type { EngineOptions } from './engines/shared/options.ts';
export * from './engines/wire/index.ts';
export type {
  FilterConfig,
  FilterKind,
  LimitAnswers,
  LimitAsks,
  LimitStore,
} from './filters/index.ts';
export { LeasedLimitStore, LimitOwner } from './filters/index.ts';
export * from './router/index.ts';
export * from './tls/index.ts';
