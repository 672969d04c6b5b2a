import { redirectUrl } from './redirect-url.ts';
import { httpsRedirect } from './https-redirect.ts';
import { appRoot } from './app-root.ts';
import { rewrite } from './rewrite.ts';
import { strictTransport } from './strict-transport.ts';
import { upstreamHost } from './upstream-host.ts';
import { cors } from './cors.ts';
import { rateLimit } from './rate-limit.ts';
import { block } from './block.ts';
import { canary } from './canary.ts';
import { affinity } from './affinity.ts';
import { hashBy } from './hash-by.ts';
import { errorPages } from './error-pages.ts';
import { mirror } from './mirror.ts';
import { cookieRewrite } from './cookie-rewrite.ts';
import { locationRewrite } from './location-rewrite.ts';
import { access } from './access/index.ts';
import { clientCertificate } from './client-certificate.ts';
import type { FilterConfig, FilterKind } from './config.ts';
import type { Filter, FilterContext, FilterDefinition } from './filter.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { headerTemplates } from './header-templates.ts';
import { redirect } from './redirect.ts';

/**
 * Every kind of filter. The order of the lines is the order in which requests pass them, whatever
 * the order in the route; responses pass them the other way round.
 */
const definitions: { readonly [K in FilterKind]: FilterDefinition<K> } = {
  // First, so that its cookies and fields are on every answer: responses pass the other way round.
  'error-pages': errorPages,
  // Who is kept out altogether.
  block,
  // The first page of a host is no resource of anybody.
  'app-root': appRoot,
  // Browsers ask in advance without any proof of who they are.
  cors,
  // Who may not be here learns nothing else.
  'client-certificate': clientCertificate,
  // Before anything that costs: nobody is asked about what goes elsewhere.
  redirect,
  'redirect-url': redirectUrl,
  'https-redirect': httpsRedirect,
  // Who asks too much is not asked who he is: that would cost more than to serve him.
  'rate-limit': rateLimit,
  access,
  // The pool before the endpoint of it; the cookie before the hash.
  canary,
  'hash-by': hashBy,
  affinity,
  // What passed goes on, and a copy with it, as the client wrote it.
  mirror,
  rewrite,
  'upstream-host': upstreamHost,
  'cookie-rewrite': cookieRewrite,
  'location-rewrite': locationRewrite,
  'header-templates': headerTemplates,
  // Last: they have the final word on what endpoints get …
  'request-headers': requestHeaders,
  'strict-transport': strictTransport,
  // … and the first on what comes back, so that the other filters' own fields stay.
  'response-headers': responseHeaders,
};

const order: readonly string[] = Object.keys(definitions);

/** For sorting filters into the order in which requests pass them. */
export function byFilterOrder(a: FilterConfig, b: FilterConfig): number {
  return order.indexOf(a.kind) - order.indexOf(b.kind);
}

/** Makes one filter. */
export function createFilter<K extends FilterKind>(
  config: FilterConfig<K>,
  context: FilterContext,
): Filter {
  return definitions[config.kind].create(config, context);
}

/** Whether a filter decides who may pass. */
export function isAccessControl({ kind }: FilterConfig): boolean {
  return definitions[kind].isAccessControl;
}
