import { network, type ObjectName, objectName } from './grammar-network.ts';
import { boolean, type Grammar, grammar, integer, list, pattern, token } from './grammar.ts';

/** What the ConfigMap says for all Ingresses beyond what annotations of the same name do. */
export interface ControllerValues {
  'add-headers': ObjectName;
  'proxy-set-headers': ObjectName;
  'hide-headers': readonly string[];
  'global-allowed-response-headers': readonly string[];
  'http-redirect-code': number;
  'limit-req-status-code': number;
  'limit-conn-status-code': number;
  'no-tls-redirect-locations': readonly string[];
  'no-auth-locations': readonly string[];
  'block-cidrs': readonly string[];
  'block-user-agents': readonly string[];
  'block-referers': readonly string[];
  hsts: boolean;
  'hsts-max-age': number;
  'hsts-include-subdomains': boolean;
  'hsts-preload': boolean;
  'proxy-add-original-uri-header': boolean;
  'retry-non-idempotent': boolean;
}

export type ControllerKey = keyof ControllerValues;

/** The values that are set and can be read. */
export type ControllerSettings = Partial<ControllerValues>;

const redirectCodes = [301, 302, 307, 308];

const redirectCode: Grammar<number> = grammar('301, 302, 307 or 308', (written) =>
  redirectCodes.find((one) => `${one}` === written),
);

/** nginx's own: the text itself, `~` a regular expression, `~*` one in any case. */
const matcher = pattern('text, or ~ and a regular expression', /^.{1,1024}$/);
const location = pattern('an absolute path', /^\/[^\s"'\\;{}]*$/);

/** The grammar of each key. */
export const controllerKeys: { readonly [K in ControllerKey]: Grammar<ControllerValues[K]> } = {
  'add-headers': objectName,
  'proxy-set-headers': objectName,
  'hide-headers': list(token),
  'global-allowed-response-headers': list(token),
  'http-redirect-code': redirectCode,
  'limit-req-status-code': integer(400, 599),
  'limit-conn-status-code': integer(400, 599),
  'no-tls-redirect-locations': list(location),
  'no-auth-locations': list(location),
  'block-cidrs': list(network),
  'block-user-agents': list(matcher),
  'block-referers': list(matcher),
  hsts: boolean,
  'hsts-max-age': integer(0),
  'hsts-include-subdomains': boolean,
  'hsts-preload': boolean,
  'proxy-add-original-uri-header': boolean,
  'retry-non-idempotent': boolean,
};

/** Keys without which somebody would get in who is to be kept out. */
export const guardingKeys: ReadonlySet<string> = new Set<ControllerKey>([
  'block-cidrs',
  'block-user-agents',
  'block-referers',
]);

/** Whether there is such a key. */
export function isControllerKey(written: string): written is ControllerKey {
  return Object.hasOwn(controllerKeys, written);
}

/**
 * Keys that hold for the whole process: what to write in Portolan's own configuration, which is
 * read before there is a ConfigMap.
 */
export const processKeys: ReadonlyMap<string, string> = new Map([
  ['use-forwarded-headers', 'ingress.trustedProxies: [CIDR …]'],
  ['enable-real-ip', 'ingress.trustedProxies: [CIDR …]'],
  ['proxy-real-ip-cidr', 'ingress.trustedProxies: [CIDR …]'],
  ['compute-full-forwarded-for', 'nothing: trusted proxies are always listed in full'],
  ['forwarded-for-header', 'X-Forwarded-For, or Forwarded, from a trusted proxy'],
  ['use-proxy-protocol', 'ingress.proxyProtocol: on, with ingress.trustedProxies'],
  ['proxy-protocol-header-timeout', 'nothing: it is 5 seconds'],
  ['disable-access-log', 'ingress.accessLog: off'],
  ['skip-access-log-urls', 'the annotation enable-access-log: "false"'],
  ['log-format-upstream', 'ingress.accessLog: upstreaminfo, combined or json'],
  ['log-format-escape-json', 'ingress.accessLog: json'],
  ['ssl-protocols', 'ingress.tlsMinVersion'],
  ['ssl-ciphers', 'ingress.tlsCiphers'],
  ['use-gzip', 'compression by the application, or by a proxy in front'],
  ['enable-brotli', 'compression by the application, or by a proxy in front'],
  ['ssl-reject-handshake', 'nothing: unknown names get the default certificate, and 404'],
  ['use-http2', 'nothing: HTTP/2 is offered, and HTTP/1.1'],
  ['annotations-risk-level', 'admission policies; nothing of an Ingress is run here'],
  ['allow-cross-namespace-resources', 'objects in the namespace of the Ingress'],
]);
