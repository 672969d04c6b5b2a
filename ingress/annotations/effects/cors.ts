import { cors as rows } from '../tables/cors.ts';
import type { RouteEffects } from './route-effects.ts';

/** `enable-cors` and what goes with it. */
export function crossOrigin(effects: RouteEffects): void {
  const { annotations } = effects.site;
  if (annotations.get('enable-cors') !== true) return;
  const origins = annotations.get('cors-allow-origin') ?? ['*'];
  const credentials = annotations.get('cors-allow-credentials') ?? true;
  if (annotations.has('cors-allow-credentials') && credentials && origins.includes('*')) {
    effects.warn(
      'cors-allow-credentials',
      'CredentialsForEverybody',
      'browsers refuse credentials where every origin is allowed',
      'cors-allow-origin with the origins that need them',
    );
  }
  effects.add({
    kind: 'cors',
    origins,
    methods: annotations.get('cors-allow-methods') ?? rows['cors-allow-methods'].default,
    headers: annotations.get('cors-allow-headers') ?? rows['cors-allow-headers'].default,
    exposedHeaders: annotations.get('cors-expose-headers'),
    credentials,
    maxAgeSec: annotations.get('cors-max-age') ?? 1_728_000,
  });
}
