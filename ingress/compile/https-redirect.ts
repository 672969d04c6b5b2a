import type { Problem } from '../../controller/base/index.ts';
import type { Ingress } from '../../controller/objects/index.ts';
import { ingressRef } from './ingress-ref.ts';

/** Annotation prefixes, the one that wins first. */
const prefixes = ['portolan.dev/', 'nginx.ingress.kubernetes.io/'] as const;

/** What an Ingress says about plain HTTP. */
export interface HttpsRedirect {
  /** `ssl-redirect`, default true: redirect where the host has TLS. */
  readonly withTls: boolean;
  /** `force-ssl-redirect`, default false: redirect even where TLS ends in front of us. */
  readonly always: boolean;
  readonly problems: readonly Problem[];
}

/** Reads `ssl-redirect` and `force-ssl-redirect`. Bad values count as absent and are reported. */
export function httpsRedirect(ingress: Ingress): HttpsRedirect {
  const problems: Problem[] = [];
  return {
    withTls: flag(ingress, 'ssl-redirect', true, problems),
    always: flag(ingress, 'force-ssl-redirect', false, problems),
    problems,
  };
}

function flag(ingress: Ingress, name: string, absent: boolean, problems: Problem[]): boolean {
  for (const prefix of prefixes) {
    const text = ingress.metadata.annotations?.[prefix + name];
    if (text === undefined) continue;
    const value = parseBool(text);
    if (value !== undefined) return value;
    problems.push({
      severity: 'warning',
      reason: 'InvalidAnnotation',
      message: `"${text.slice(0, 64)}" is not a boolean; ${absent} is in force`,
      instead: '"true" or "false"',
      object: ingressRef(ingress, `metadata.annotations["${prefix}${name}"]`),
    });
  }
  return absent;
}

/** The spellings of Go's strconv.ParseBool, which manifests in the field rely on. */
function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
}
