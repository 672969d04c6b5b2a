import type { UpstreamTls } from '../../compile/route-options.ts';
import { authorityError, CertificateError, ciphersError, parseKeyPair } from '../../tls/index.ts';
import type { AnnotationName } from '../registry.ts';
import type { RouteEffects } from './route-effects.ts';
import { decodedKey } from './secret-key.ts';

const others = [
  'proxy-ssl-verify',
  'proxy-ssl-name',
  'proxy-ssl-server-name',
  'proxy-ssl-ciphers',
  'proxy-ssl-protocols',
] as const satisfies readonly AnnotationName[];

/** `proxy-ssl-*`: TLS to endpoints. As in ingress-nginx, nothing without `proxy-ssl-secret`. */
export function upstreamTls(effects: RouteEffects): void {
  const { annotations } = effects.site;
  const named = annotations.get('proxy-ssl-secret');
  if (named === undefined) {
    const written = others.find((name) => annotations.has(name));
    if (written === undefined) return;
    const what = 'counts only beside proxy-ssl-secret: endpoints are not verified';
    effects.warn(written, 'NoSecret', what, 'proxy-ssl-secret: a Secret with ca.crt');
    return;
  }
  const key = effects.ownKey('proxy-ssl-secret', named);
  if (key === undefined) return;
  const secret = effects.surroundings.secret(key);
  if (!secret) {
    effects.close('proxy-ssl-secret', 'NoSuchSecret', `Secret ${key} does not exist`);
    return;
  }
  const caPem = decodedKey(secret, 'ca.crt');
  const certificatePem = decodedKey(secret, 'tls.crt');
  const privateKeyPem = decodedKey(secret, 'tls.key');
  const verify = annotations.get('proxy-ssl-verify') === true;
  const wrong =
    caPem === undefined
      ? verify && 'has no "ca.crt" to verify endpoints with'
      : authorityError(caPem);
  const unpaired =
    certificatePem !== undefined || privateKeyPem !== undefined
      ? keyPairError(certificatePem ?? '', privateKeyPem ?? '')
      : undefined;
  const why = wrong || unpaired;
  if (why) {
    effects.close('proxy-ssl-secret', 'InvalidSecret', `Secret ${key}: ${why}`);
    return;
  }
  const ciphers = annotations.get('proxy-ssl-ciphers');
  const unknown = ciphers === undefined ? undefined : ciphersError(ciphers);
  if (unknown !== undefined) {
    effects.close('proxy-ssl-ciphers', 'InvalidAnnotation', `"${ciphers}" ${unknown}`);
    return;
  }
  const tls: UpstreamTls = {
    verify,
    ...serverName(effects),
    ...(caPem !== undefined && { caPem }),
    ...(certificatePem !== undefined && { certificatePem }),
    ...(privateKeyPem !== undefined && { privateKeyPem }),
    ...(ciphers !== undefined && ciphers !== 'DEFAULT' && { ciphers }),
    minVersion: minVersion(annotations.get('proxy-ssl-protocols')),
  };
  effects.options = { ...effects.options, tls };
}

function keyPairError(certificatePem: string, privateKeyPem: string): string | undefined {
  try {
    parseKeyPair('', certificatePem, privateKeyPem);
    return undefined;
  } catch (error) {
    if (error instanceof CertificateError) return error.message;
    throw error;
  }
}

/** The name to ask for and to verify: ours are one. */
function serverName({ site }: RouteEffects): Pick<UpstreamTls, 'serverName'> {
  const { annotations } = site;
  const isAsked =
    annotations.get('proxy-ssl-server-name') === true ||
    annotations.get('proxy-ssl-verify') === true;
  const name = annotations.get('proxy-ssl-name') ?? annotations.get('upstream-vhost');
  return isAsked && name !== undefined ? { serverName: name } : {};
}

function minVersion(protocols: string | undefined): 'TLSv1.2' | 'TLSv1.3' {
  return protocols?.trim() === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2';
}
