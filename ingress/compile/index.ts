/** From Ingresses, classes, Services and Secrets to a `RouteTable`. No I/O. */
export type { IngressChanges, ObjectChanges } from './changes.ts';
export { noChanges } from './changes.ts';
export { type ClassMap, type ClassRules, isServed } from './classes.ts';
export {
  type RouteCompilation,
  RouteCompiler,
  type RouteCompilerOptions,
} from './route-compiler.ts';
export { type PoolProtection, usualProtection } from './pool-protection.ts';
export type * from './route-options.ts';
export type * from './table.ts';
