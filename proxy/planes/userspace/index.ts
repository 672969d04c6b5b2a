/** Service traffic carried by sockets of this process: needs no root, knows every algorithm. */
import { type UserspacePlaneOptions } from './options.ts';
import { UserspacePlane } from './plane.ts';

export type { ServicePortActivity } from './activity.ts';
export type { EndpointActivity } from './endpoint-tally.ts';
export * from './options.ts';
export type { UserspacePlane } from './plane.ts';

/**
 * A plane that serves TCP and UDP Service ports, IPv4 and IPv6, on the Services' own addresses.
 *
 * Differs from the kernel planes in this: endpoints see this machine as source; where a kernel
 * plane drops (`Local` policy without local endpoints, a source outside the ranges), TCP clients
 * are reset; an address whose Service has no endpoint is closed, so that TCP clients get RST and
 * UDP clients port unreachable; SCTP is a problem.
 */
export function createUserspacePlane(options: UserspacePlaneOptions): UserspacePlane {
  return new UserspacePlane(options);
}
