import type { Problem } from '../../../controller/base/index.ts';
import type { ClientAuthority } from '../../compile/table.ts';
import type { FilterConfig } from '../../filters/index.ts';
import { patternError } from '../../pattern/index.ts';
import { authorityError } from '../../tls/index.ts';
import type { AnnotationName } from '../registry.ts';
import { acmePrefix } from './redirects.ts';
import type { RouteSite, Surroundings } from './route-effects.ts';
import { decodedKey } from './secret-key.ts';

/** What `auth-tls-*` come to: they hold for a host, whichever Ingress its paths are of. */
export interface HostGuard {
  /** Undefined: clients are not asked for a certificate. */
  readonly authority: ClientAuthority | undefined;
  /** For every route of the host. */
  readonly filters: readonly FilterConfig[];
  /** Why all routes of the host answer 503. */
  readonly closed: string | undefined;
  readonly problems: readonly Problem[];
}

/** A host that asks nobody for a certificate. */
export const unguarded: HostGuard = {
  authority: undefined,
  filters: [],
  closed: undefined,
  problems: [],
};

const modes = { on: 'required', optional: 'optional', optional_no_ca: 'unverified' } as const;

/** Who may come to the host at all. Whatever is unclear closes it. */
export function hostGuard(
  site: Pick<RouteSite, 'annotations' | 'namespace'>,
  surroundings: Pick<Surroundings, 'secret'>,
): HostGuard {
  const { annotations, namespace } = site;
  const named = annotations.get('auth-tls-secret');
  if (named === undefined) return unguarded;
  const refuse = (
    name: AnnotationName,
    reason: string,
    what: string,
    instead?: string,
  ): HostGuard => {
    const message = `${what}; all routes of the host answer 503`;
    const problem = { severity: 'error', reason, message, ...(instead && { instead }) } as const;
    return { ...unguarded, closed: reason, problems: [annotations.problem(name, problem)] };
  };
  const key = `${named.namespace ?? namespace}/${named.name}`;
  if (named.namespace !== undefined && named.namespace !== namespace) {
    const instead = `an object of namespace ${namespace}`;
    return refuse('auth-tls-secret', 'OtherNamespace', `${key} is in another namespace`, instead);
  }
  const mode = annotations.get('auth-tls-verify-client') ?? 'on';
  if (mode === 'off') return { ...unguarded, filters: [withoutVerdict] };
  const secret = surroundings.secret(key);
  if (!secret) return refuse('auth-tls-secret', 'NoSuchSecret', `Secret ${key} does not exist`);
  const caPem = decodedKey(secret, 'ca.crt') ?? '';
  const crlPem = decodedKey(secret, 'ca.crl');
  const wrong = authorityError(caPem, crlPem);
  if (wrong !== undefined) {
    const instead = 'key ca.crt with the certificates of the authorities, in PEM';
    return refuse('auth-tls-secret', 'InvalidSecret', `Secret ${key}: ${wrong}`, instead);
  }
  const subject = annotations.get('auth-tls-match-cn');
  const unmatched = subject === undefined ? undefined : patternError(subject, 'match-case');
  if (unmatched !== undefined) {
    const what = `the pattern ${unmatched}`;
    return refuse('auth-tls-match-cn', 'InvalidPattern', what, 'a simpler pattern');
  }
  const errorPage = annotations.get('auth-tls-error-page');
  return {
    ...unguarded,
    authority: { caPem, ...(crlPem !== undefined && { crlPem }) },
    filters: [
      {
        kind: 'client-certificate',
        mode: modes[mode],
        ...(subject !== undefined && { subject }),
        ...(errorPage !== undefined && { errorPage }),
        passes: annotations.get('auth-tls-pass-certificate-to-upstream') === true,
        open: [acmePrefix],
      },
    ],
  };
}

/** Nobody was asked, so whoever says that he was is not believed. */
const withoutVerdict: FilterConfig = {
  kind: 'request-headers',
  remove: ['ssl-client-subject-dn', 'ssl-client-issuer-dn', 'ssl-client-cert'],
  set: [['ssl-client-verify', 'NONE']],
  add: [],
};
