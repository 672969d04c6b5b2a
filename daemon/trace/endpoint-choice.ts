import { systemRandom } from '../../controller/base/index.ts';
import { type Algorithm, createBalancer, targetId } from '../../proxy/balancer/index.ts';

/** An endpoint as tables have it. */
export interface Choosable {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

/** How the endpoint is chosen among those that could be, in words. */
export interface ChoiceText {
  readonly text: string;
  /** As the end of "answered by". */
  readonly who: string;
  readonly details: readonly string[];
}

/** Says which endpoint a client gets where that is certain, and the shares where it is not. */
export function explainChoice(
  algorithm: Algorithm,
  endpoints: readonly Choosable[],
  clientIP: string | undefined,
): ChoiceText {
  const details = endpoints.map((one) => {
    const share = shareOf(one, algorithm, endpoints);
    return `${targetId(one.address, one.port)}  weight ${one.weight}, ${share}`;
  });
  const [only] = endpoints;
  if (only && endpoints.length === 1) {
    const who = targetId(only.address, only.port);
    return { text: `${who}, the only one`, who, details };
  }
  const any = `one of ${endpoints.length} endpoints`;
  if (algorithm !== 'ip_hash')
    return { text: `${algorithm} over ${endpoints.length} endpoints`, who: any, details };
  if (clientIP === undefined) {
    const text = 'ip_hash: the client address decides; say one with --from';
    return { text, who: any, details };
  }
  const balancer = createBalancer<Choosable & { readonly id: string }>(algorithm, systemRandom);
  balancer.update(endpoints.map((one) => ({ ...one, id: targetId(one.address, one.port) })));
  const who = balancer.pick({ clientIP })?.id ?? 'nobody';
  return { text: `ip_hash sends ${clientIP} to ${who}`, who, details };
}

function shareOf(
  { weight }: Choosable,
  algorithm: Algorithm,
  endpoints: readonly Choosable[],
): string {
  const usable = endpoints.filter((one) => one.weight > 0);
  // All 0 counts as all equal.
  const equal = usable.length === 0 || algorithm === 'round-robin';
  const count = usable.length === 0 ? endpoints.length : usable.length;
  const total = endpoints.reduce((sum, one) => sum + one.weight, 0);
  const share = equal ? (weight > 0 || usable.length === 0 ? 1 / count : 0) : weight / total;
  return `${Math.round(share * 100)} % of the traffic in the long run`;
}
