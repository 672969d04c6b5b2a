import type { Problem } from '../../controller/base/index.ts';
import type { ConfigMap } from '../../controller/objects/index.ts';
import { closest } from './closest.ts';
import { type AnnotationName, annotationInfo, annotationNamed } from './registry.ts';

/** What the controller's ConfigMap says for all Ingresses. */
export interface ControllerConfig {
  readonly defaults: ReadonlyMap<AnnotationName, string>;
  readonly problems: readonly Problem[];
  /** Why all routes answer 503: something in it that decides who may pass cannot be read. */
  readonly closed: string | undefined;
}

/** Keys that are called otherwise than the annotation that does the same. */
const renamed: ReadonlyMap<string, AnnotationName> = new Map([
  ['global-auth-url', 'auth-url'],
  ['global-auth-method', 'auth-method'],
  ['global-auth-signin', 'auth-signin'],
  ['global-auth-signin-redirect-param', 'auth-signin-redirect-param'],
  ['global-auth-response-headers', 'auth-response-headers'],
  ['global-auth-request-redirect', 'auth-request-redirect'],
  ['global-auth-snippet', 'auth-snippet'],
  ['global-auth-always-set-cookie', 'auth-always-set-cookie'],
]);

/** Keys that change nothing here: how nginx itself uses the machine, or what is always so. */
const withoutEffect: ReadonlySet<string> = new Set([
  'worker-processes',
  'worker-shutdown-timeout',
  'worker-cpu-affinity',
  'max-worker-connections',
  'max-worker-open-files',
  'reuse-port',
  'keep-alive',
  'keep-alive-requests',
  'upstream-keepalive-connections',
  'upstream-keepalive-requests',
  'upstream-keepalive-timeout',
  'upstream-keepalive-time',
  'server-name-hash-max-size',
  'server-name-hash-bucket-size',
  'proxy-headers-hash-max-size',
  'proxy-headers-hash-bucket-size',
  'variables-hash-bucket-size',
  'variables-hash-max-size',
  'map-hash-bucket-size',
  'client-header-buffer-size',
  'large-client-header-buffers',
  'http2-max-field-size',
  'http2-max-header-size',
  'server-tokens',
  'generate-request-id',
  'ignore-invalid-headers',
  'enable-underscores-in-headers',
  'strict-validate-path-type',
  'annotation-value-word-blocklist',
  'error-log-level',
  'ssl-session-cache',
  'ssl-session-cache-size',
  'ssl-buffer-size',
]);

/** Keys of ingress-nginx that nothing acts on yet. */
const notServed: readonly string[] = [
  'add-headers',
  'allow-backend-server-header',
  'allow-cross-namespace-resources',
  'allow-snippet-annotations',
  'annotations-risk-level',
  'bind-address',
  'block-cidrs',
  'block-referers',
  'block-user-agents',
  'brotli-level',
  'brotli-min-length',
  'brotli-types',
  'client-body-timeout',
  'client-header-timeout',
  'compute-full-forwarded-for',
  'disable-access-log',
  'disable-ipv6',
  'enable-brotli',
  'enable-ocsp',
  'enable-real-ip',
  'forwarded-for-header',
  'global-allowed-response-headers',
  'global-auth-cache-duration',
  'global-auth-cache-key',
  'gzip-level',
  'gzip-min-length',
  'gzip-types',
  'hide-headers',
  'hsts',
  'hsts-include-subdomains',
  'hsts-max-age',
  'hsts-preload',
  'http-redirect-code',
  'http-snippet',
  'http2-max-concurrent-streams',
  'limit-conn-status-code',
  'limit-req-status-code',
  'location-snippet',
  'log-format-escape-json',
  'log-format-upstream',
  'main-snippet',
  'no-auth-locations',
  'no-tls-redirect-locations',
  'otel-sampler',
  'otel-sampler-ratio',
  'otlp-collector-host',
  'otlp-collector-port',
  'proxy-add-original-uri-header',
  'proxy-protocol-header-timeout',
  'proxy-real-ip-cidr',
  'proxy-set-headers',
  'retry-non-idempotent',
  'skip-access-log-urls',
  'ssl-dh-param',
  'ssl-protocols',
  'ssl-reject-handshake',
  'ssl-session-tickets',
  'ssl-session-timeout',
  'use-forwarded-headers',
  'use-geoip2',
  'use-gzip',
  'use-http2',
  'use-proxy-protocol',
];

/**
 * Reads the ConfigMap `key`. Keys with the name of an annotation are what Ingresses without that
 * annotation get; each key that cannot be read, or that nothing acts on, is reported.
 */
export function readControllerConfig(key: string, map: ConfigMap | undefined): ControllerConfig {
  const problems: Problem[] = [];
  const defaults = new Map<AnnotationName, string>();
  let closed: string | undefined;
  const [namespace = '', name = ''] = key.split('/');
  const say = (field: string | undefined, problem: Omit<Problem, 'object' | 'severity'>): void => {
    const at = field === undefined ? {} : { field: `data["${field}"]` };
    problems.push({
      severity: 'warning',
      ...problem,
      object: { kind: 'ConfigMap', namespace, name, ...at },
    });
  };
  if (!map) {
    const message = `ConfigMap ${key} of --ingress-configmap does not exist; defaults are in force`;
    say(undefined, { reason: 'NoSuchConfigMap', message });
  }
  for (const [written, text] of Object.entries(map?.data ?? {})) {
    const annotation = renamed.get(written) ?? annotationNamed(written);
    if (annotation !== undefined) {
      const { grammar, handling, isAccessControl } = annotationInfo(annotation);
      if (handling.kind === 'ignored') continue;
      const isReadable = handling.kind === 'acts' && grammar.parse(text.trim()) !== undefined;
      if (isAccessControl && !isReadable) closed ??= 'InvalidKey';
      if (handling.kind !== 'acts') {
        say(written, {
          reason: 'UnsupportedKey',
          message: `${written}: not supported`,
          instead: handling.instead,
        });
      } else if (grammar.parse(text.trim()) === undefined) {
        say(written, {
          reason: 'InvalidKey',
          message: `${written}: not ${grammar.form}; the default is in force`,
          instead: grammar.form,
        });
      } else {
        defaults.set(annotation, text.trim());
      }
    } else if (!withoutEffect.has(written)) {
      sayUnserved(written, say);
    }
  }
  return { defaults, problems, closed };
}

function sayUnserved(
  written: string,
  say: (field: string, problem: Omit<Problem, 'object' | 'severity'>) => void,
): void {
  if (notServed.includes(written)) {
    say(written, { reason: 'UnsupportedKey', message: `${written}: nothing acts on it` });
    return;
  }
  const near = closest(written, [...renamed.keys(), ...notServed, ...withoutEffect]);
  const message = `${written}: unknown; nothing acts on it`;
  say(written, { reason: 'UnknownKey', message, ...(near !== undefined && { instead: near }) });
}
