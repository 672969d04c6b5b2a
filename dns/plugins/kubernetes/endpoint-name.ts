import type { EndpointRecord } from '../../compile/index.ts';

/**
 * The label by which an endpoint is known below its Service: its hostname, else its address with
 * dashes. A label can't end with a dash, as `fd00::` would: a zero is added.
 */
export function endpointName({ hostname, address }: EndpointRecord): string {
  if (hostname !== undefined) return hostname;
  const dashed = address.replaceAll(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}
