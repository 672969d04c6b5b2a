import { patternError } from '../../pattern/index.ts';
import type { IngressAnnotations } from '../read.ts';
import type { RouteEffects } from './route-effects.ts';

/** Whether an Ingress makes regular expressions of all paths of a host, this one among its own. */
export function wantsPatterns(annotations: IngressAnnotations, path: string): boolean {
  if (annotations.get('use-regex') === true) return true;
  const target = annotations.get('rewrite-target');
  return target !== undefined && target !== path;
}

/** What a path is matched by where paths are regular expressions. */
export function pathPattern(path: string): string {
  return path.startsWith('^') ? path : `^${path}`;
}

/** `rewrite-target`, `x-forwarded-prefix`, `upstream-vhost`; FastCGI, which there is not. */
export function rewriting(effects: RouteEffects): void {
  const { annotations, path } = effects.site;
  if (annotations.get('backend-protocol') === 'FCGI') {
    const instead = 'an HTTP server beside php-fpm';
    effects.close('backend-protocol', 'UnsupportedProtocol', 'FastCGI is not spoken', instead);
  }
  const host = annotations.get('upstream-vhost');
  if (host !== undefined) effects.add({ kind: 'upstream-host', host });
  const target = annotations.get('rewrite-target');
  if (target === undefined || target === '' || target === path) return;
  const pattern = pathPattern(path);
  // Reported with the route, which does not exist then.
  if (patternError(pattern) !== undefined) return;
  const prefix = annotations.get('x-forwarded-prefix');
  effects.add({ kind: 'rewrite', pattern, target, prefix });
}
