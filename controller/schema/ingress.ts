import {
  type HTTPIngressPath,
  type Ingress,
  type IngressBackend,
  type IngressRule,
  type IngressTLS,
  legacyClassAnnotation,
} from '../objects/index.ts';
import { familyOf } from './addresses.ts';
import { checkChoice, checkPort } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { checkName } from './metadata.ts';
import { checkLabel, checkPortName, checkSubdomain, checkWildcardSubdomain } from './names.ts';
import { quote } from './scalar.ts';

/** Rules for Ingress, as the API server's ValidateIngressCreate has them. */
export function checkIngress(ingress: Ingress, issues: Issues): void {
  const { spec } = ingress;
  if (spec === undefined) return issues.missing(['spec'], 'is required');
  checkClass(ingress, issues);
  if (spec.defaultBackend === undefined && (spec.rules?.length ?? 0) === 0) {
    issues.missing(['spec', 'rules'], 'or defaultBackend is required');
  }
  if (spec.defaultBackend !== undefined) {
    checkBackend(spec.defaultBackend, ['spec', 'defaultBackend'], issues);
  }
  spec.rules?.forEach((rule, index) => checkRule(rule, ['spec', 'rules', index], issues));
  spec.tls?.forEach((tls, index) => checkTLS(tls, ['spec', 'tls', index], issues));
}

function checkClass(ingress: Ingress, issues: Issues): void {
  const className = ingress.spec?.ingressClassName;
  if (className === undefined) return;
  checkName(className, checkSubdomain, ['spec', 'ingressClassName'], issues);
  if (ingress.metadata.annotations?.[legacyClassAnnotation] === undefined) return;
  issues.invalid(
    ['metadata', 'annotations', legacyClassAnnotation],
    'may not be set together with spec.ingressClassName',
    'remove the annotation',
  );
}

function checkRule(rule: IngressRule, path: Path, issues: Issues): void {
  if (rule.host) checkHost(rule.host, [...path, 'host'], issues);
  if (rule.http === undefined) return;
  if (rule.http.paths.length === 0) {
    issues.missing(
      [...path, 'http', 'paths'],
      'needs at least one path',
      'leave http out to send the whole host to the default backend',
    );
  }
  rule.http.paths.forEach((one, index) =>
    checkPath(one, [...path, 'http', 'paths', index], issues),
  );
}

function checkHost(host: string, path: Path, issues: Issues): void {
  const port = /^(.*[^:]):\d+$/.exec(host)?.[1];
  if (familyOf(host.replace(/^\[|\]$/g, '')) !== undefined) {
    issues.invalid(
      path,
      `must be a DNS name, not the address ${host}`,
      'leave host out to take every host',
    );
  } else if (port !== undefined) {
    issues.invalid(path, `must be a name without port, not ${quote(host)}`, quote(port));
  } else if (host.includes('*') && !/^\*\.[^*]+$/.test(host)) {
    const every = 'leave host out to take every host';
    const first = '"*" as the whole first label, as in *.example.com';
    issues.invalid(path, `has "*" where it can't be: ${quote(host)}`, host === '*' ? every : first);
  } else {
    checkName(host, checkWildcardSubdomain, path, issues);
  }
}

function checkPath(entry: HTTPIngressPath, path: Path, issues: Issues): void {
  const at = [...path, 'path'];
  const text = entry.path ?? '';
  checkChoice(
    entry.pathType,
    ['Exact', 'Prefix', 'ImplementationSpecific'],
    [...path, 'pathType'],
    issues,
  );
  if (entry.pathType.length === 0) issues.missing([...path, 'pathType'], 'is required');
  const isStrict = entry.pathType === 'Exact' || entry.pathType === 'Prefix';
  if (text === '') {
    if (isStrict) issues.missing(at, `is required for pathType ${entry.pathType}`, '"/"');
  } else if (!text.startsWith('/')) {
    issues.invalid(at, `must start with "/", not ${quote(text)}`, quote(`/${text}`));
  } else if (isStrict) {
    const found = ['//', '/./', '/../', '%2f', '%2F'].find((bad) => text.includes(bad));
    const end = ['/..', '/.'].find((bad) => text.endsWith(bad));
    if (found !== undefined) issues.invalid(at, `may not contain "${found}"`, normalised(text));
    else if (end !== undefined) issues.invalid(at, `may not end in "${end}"`, normalised(text));
  }
  checkBackend(entry.backend, [...path, 'backend'], issues);
}

/** The path that the user most likely means; undefined where the percent sign leaves that open. */
function normalised(path: string): string | undefined {
  if (/%2f/i.test(path)) return undefined;
  return quote(new URL(path.replaceAll(/\/{2,}/g, '/'), 'http://host').pathname);
}

function checkBackend(backend: IngressBackend, path: Path, issues: Issues): void {
  const { service, resource } = backend;
  if (service !== undefined && resource !== undefined) {
    issues.invalid(path, 'may name a service or a resource, not both');
  } else if (service === undefined && resource === undefined) {
    issues.missing([...path, 'service'], 'is required', 'service: {name: …, port: {number: …}}');
  }
  if (resource !== undefined) {
    if (!resource.name) issues.missing([...path, 'resource', 'name'], 'is required');
    if (!resource.kind) issues.missing([...path, 'resource', 'kind'], 'is required');
  }
  if (service === undefined) return;
  if (service.name) checkName(service.name, checkLabel, [...path, 'service', 'name'], issues);
  else issues.missing([...path, 'service', 'name'], 'is required');
  checkBackendPort(service.port ?? {}, [...path, 'service', 'port'], issues);
}

function checkBackendPort(
  port: { readonly name?: string; readonly number?: number },
  path: Path,
  issues: Issues,
): void {
  const hasNumber = port.number !== undefined && port.number !== 0;
  if (port.name && hasNumber) {
    issues.invalid(path, 'may have a name or a number, not both');
  } else if (!port.name && !hasNumber) {
    issues.missing(
      [...path, 'number'],
      'or name is required',
      'the port of the Service, or its name',
    );
  }
  if (hasNumber) checkPort(port.number, [...path, 'number'], issues);
  if (!port.name) return;
  const rule = checkPortName(port.name);
  if (rule === undefined) return;
  const number = /^\d{1,5}$/.test(port.name) ? `number: ${port.name}` : undefined;
  issues.invalid([...path, 'name'], `${rule}, not ${quote(port.name)}`, number);
}

function checkTLS(tls: IngressTLS, path: Path, issues: Issues): void {
  tls.hosts?.forEach((host, index) => {
    checkName(host, checkWildcardSubdomain, [...path, 'hosts', index], issues);
  });
  if (tls.secretName) checkName(tls.secretName, checkSubdomain, [...path, 'secretName'], issues);
}
