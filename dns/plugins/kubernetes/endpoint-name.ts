import { maxLabelOctets } from '../../wire/index.ts';
import type { EndpointRecord } from '../../compile/index.ts';

/**
 * The label by which an endpoint is known below its Service: its hostname, else, if `podNames`,
 * the name of its Pod where that fits a label, else its address with dashes. A label can't end
 * with a dash, as `fd00::` would: a zero is added.
 */
export function endpointName(
  { hostname, podName, address }: EndpointRecord,
  podNames: boolean,
): string {
  if (hostname !== undefined) return hostname;
  if (podNames && podName !== undefined && podName.length <= maxLabelOctets) return podName;
  const dashed = address.replaceAll(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}
