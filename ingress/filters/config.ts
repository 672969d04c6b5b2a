import type { RedirectUrlSettings } from './redirect-url.ts';
import type { HttpsRedirectSettings } from './https-redirect.ts';
import type { AppRootSettings } from './app-root.ts';
import type { RewriteSettings } from './rewrite.ts';
import type { UpstreamHostSettings } from './upstream-host.ts';
import type { CorsSettings } from './cors.ts';
import type { RateLimitSettings } from './rate-limit.ts';
import type { BlockSettings } from './block.ts';
import type { StrictTransportSettings } from './strict-transport.ts';
import type { CanarySettings } from './canary.ts';
import type { AffinitySettings } from './affinity.ts';
import type { HashBySettings } from './hash-by.ts';
import type { ErrorPageSettings } from './error-pages.ts';
import type { MirrorSettings } from './mirror.ts';
import type { CookieRewriteSettings } from './cookie-rewrite.ts';
import type { LocationRewriteSettings } from './location-rewrite.ts';
import type { AccessSettings } from './access/index.ts';
import type { HeaderTemplateSettings } from './header-templates.ts';
import type { ClientCertificateSettings } from './client-certificate.ts';
import type { RedirectSettings } from './redirect.ts';
import type { HeaderChanges } from './headers.ts';

/** What each kind of filter is told, as plain data. */
export interface FilterSettings {
  readonly 'client-certificate': ClientCertificateSettings;
  readonly redirect: RedirectSettings;
  readonly block: BlockSettings;
  readonly 'strict-transport': StrictTransportSettings;
  readonly access: AccessSettings;
  readonly 'redirect-url': RedirectUrlSettings;
  readonly 'https-redirect': HttpsRedirectSettings;
  readonly 'app-root': AppRootSettings;
  readonly rewrite: RewriteSettings;
  readonly 'upstream-host': UpstreamHostSettings;
  readonly cors: CorsSettings;
  readonly 'rate-limit': RateLimitSettings;
  readonly canary: CanarySettings;
  readonly affinity: AffinitySettings;
  readonly 'hash-by': HashBySettings;
  readonly 'error-pages': ErrorPageSettings;
  readonly mirror: MirrorSettings;
  readonly 'cookie-rewrite': CookieRewriteSettings;
  readonly 'location-rewrite': LocationRewriteSettings;
  readonly 'header-templates': HeaderTemplateSettings;
  readonly 'request-headers': HeaderChanges;
  readonly 'response-headers': HeaderChanges;
}

export type FilterKind = keyof FilterSettings;

/** One filter of a route. Plain data: it crosses process borders. */
export type FilterConfig<K extends FilterKind = FilterKind> = {
  [P in K]: { readonly kind: P } & FilterSettings[P];
}[K];
