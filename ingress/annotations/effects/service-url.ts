import type { AnnotationName } from '../registry.ts';
import type { ServiceUrl } from '../../filters/service-url.ts';
import { unknownVariables } from '../../filters/template.ts';
import type { RouteEffects } from './route-effects.ts';

const serviceName =
  /^https?:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?(?::(\d{1,5}))?(?:[/?$]|$)/;

/**
 * A URL as it is asked: by its pool where its host is the name of a Service, so that it works
 * where no name server knows that name, and follows the Service's endpoints at once. Over https
 * the name is needed for the certificate, so name servers are asked then.
 */
export function serviceUrl(name: AnnotationName, url: string, effects: RouteEffects): ServiceUrl {
  const unknown = unknownVariables(url);
  if (unknown.length > 0) {
    effects.warn(name, 'UnknownVariable', `$${unknown.join(', $')} does not exist, and is empty`);
  }
  const [, service, namespace, port] = serviceName.exec(url) ?? [];
  if (service === undefined || namespace === undefined || url.startsWith('https:')) {
    return { url, pool: undefined };
  }
  const number = port === undefined ? 80 : Number(port);
  return { url, pool: effects.surroundings.pool(namespace, service, number) };
}
