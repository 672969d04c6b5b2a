import type { TraceInput } from './input.ts';
import { note, stopped, type TraceStep } from './trace.ts';

/** Who holds an address, if it is a virtual one. */
export function virtualIPStep(address: string, { runtime }: TraceInput): readonly TraceStep[] {
  const router = runtime.virtualIPs.find(({ addresses }) =>
    addresses.some((one) => one.split('/')[0] === address),
  );
  if (!router) return [];
  const { name, state, active, reason, worstFailoverMs } = router;
  if (state === 'active') {
    return [note('virtual IP', `${name}: this node is Active (${reason})`)];
  }
  const owner = active ?? 'an unknown node';
  const text = `${name}: ${owner} holds ${address}; here it is ${state}`;
  return [
    stopped('virtual IP', text, [`taken over within ${worstFailoverMs} ms if that node dies`]),
  ];
}
