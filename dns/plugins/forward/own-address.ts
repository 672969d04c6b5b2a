import type { ListenAddress } from '../../../controller/base/index.ts';
import type { Upstream } from './upstream.ts';

/** True when a query sent there would come back here, and go round for ever. */
export function isOwnAddress(upstream: Upstream, listening: readonly ListenAddress[]): boolean {
  return listening.some(({ host, port }) => port === upstream.port && host === upstream.host);
}
