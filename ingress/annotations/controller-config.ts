import type { Problem } from '../../controller/base/index.ts';
import type { ConfigMap } from '../../controller/objects/index.ts';
import { patternError } from '../pattern/index.ts';
import { closest } from './closest.ts';
import {
  controllerKeys,
  type ControllerKey,
  type ControllerSettings,
  guardingKeys,
  isControllerKey,
  processKeys,
} from './controller-keys.ts';
import { type AnnotationName, annotationInfo, annotationNamed } from './registry.ts';

/** What the controller's ConfigMap says for all Ingresses. */
export interface ControllerConfig {
  readonly defaults: ReadonlyMap<AnnotationName, string>;
  readonly settings: ControllerSettings;
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
  'allow-backend-server-header',
  'allow-cross-namespace-resources',
  'allow-snippet-annotations',
  'annotations-risk-level',
  'bind-address',
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
  'global-auth-cache-duration',
  'global-auth-cache-key',
  'gzip-level',
  'gzip-min-length',
  'gzip-types',
  'http-snippet',
  'http2-max-concurrent-streams',
  'location-snippet',
  'log-format-escape-json',
  'log-format-upstream',
  'main-snippet',
  'otel-sampler',
  'otel-sampler-ratio',
  'otlp-collector-host',
  'otlp-collector-port',
  'proxy-protocol-header-timeout',
  'proxy-real-ip-cidr',
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
  let settings: ControllerSettings = {};
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
    } else if (isControllerKey(written)) {
      const value = readKey(written, text.trim());
      if (value !== undefined) {
        settings = { ...settings, ...value };
        continue;
      }
      if (guardingKeys.has(written)) closed ??= 'InvalidKey';
      const { form } = controllerKeys[written];
      const inForce = guardingKeys.has(written)
        ? 'all routes answer 503'
        : 'the default is in force';
      const message = `${written}: not ${form}; ${inForce}`;
      say(written, { reason: 'InvalidKey', message, instead: form });
    } else if (!withoutEffect.has(written)) {
      sayUnserved(written, say);
    }
  }
  return { defaults, settings, problems, closed };
}

/** ConfigMaps of headers that the ConfigMap `key` names and that are not there. */
export function missingHeaderMaps(
  key: string,
  settings: ControllerSettings,
  has: (key: string) => boolean,
): readonly Problem[] {
  const [namespace = '', name = ''] = key.split('/');
  return (['add-headers', 'proxy-set-headers'] as const).flatMap((written) => {
    const named = settings[written];
    const wanted = named && `${named.namespace ?? namespace}/${named.name}`;
    if (wanted === undefined || has(wanted)) return [];
    const message = `${written}: ConfigMap ${wanted} does not exist; none of its headers is set`;
    const object = { kind: 'ConfigMap', namespace, name, field: `data["${written}"]` };
    return [{ severity: 'warning', reason: 'NoSuchConfigMap', message, object } as const];
  });
}

/** The one setting that a key makes; undefined: the text is not of its form. */
function readKey(key: ControllerKey, text: string): ControllerSettings | undefined {
  const value = controllerKeys[key].parse(text);
  if (value === undefined) return undefined;
  if (key === 'block-user-agents' || key === 'block-referers') {
    const patterns = text.split(',').filter((one) => one.trim().startsWith('~'));
    const isWrong = (one: string): boolean =>
      patternError(one.trim().replace(/^~\*?/, '')) !== undefined;
    if (patterns.some(isWrong)) return undefined;
  }
  return { [key]: value };
}

function sayUnserved(
  written: string,
  say: (field: string, problem: Omit<Problem, 'object' | 'severity'>) => void,
): void {
  if (notServed.includes(written)) {
    const instead = processKeys.get(written);
    const message = `${written}: nothing acts on it`;
    say(written, { reason: 'UnsupportedKey', message, ...(instead !== undefined && { instead }) });
    return;
  }
  const near = closest(written, [
    ...renamed.keys(),
    ...Object.keys(controllerKeys),
    ...notServed,
    ...withoutEffect,
  ]);
  const message = `${written}: unknown; nothing acts on it`;
  say(written, { reason: 'UnknownKey', message, ...(near !== undefined && { instead: near }) });
}
