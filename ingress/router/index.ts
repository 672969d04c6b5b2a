/** Host and path to route. */
export { type Explanation, explain } from './explain.ts';
export { hostName } from './host-name.ts';
export { normalizePath } from './normalize-path.ts';
export { type RouteMatch, Router } from './router.ts';
