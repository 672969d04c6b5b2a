import type { KernelPlaneOptions } from '../../proxy/planes/kernel/index.ts';
import { podCidrs } from './lab.ts';
import type { Model } from './packet-table.ts';

/** Every way of telling Pods from others, what is masqueraded then, and the model of both. */
export const masqueradings: readonly (readonly [
  name: string,
  model: Exclude<Model, 'userspace'>,
  options: Pick<KernelPlaneOptions, 'detector' | 'masqueradeAll'>,
])[] = [
  ['no detector', 'noDetector', { detector: { kind: 'none' } }],
  ['a bridge', 'detector', { detector: { kind: 'bridge', interfaceName: 'cbr0' } }],
  // The client, whose source address decides, comes in by the bridge.
  ['an interface prefix', 'detector', { detector: { kind: 'interfacePrefix', prefix: 'cb' } }],
  [
    'CIDRs and masqueradeAll',
    'masqueradeAll',
    { detector: { kind: 'cidrs', cidrs: podCidrs }, masqueradeAll: true },
  ],
];
