import { silentLog, systemClock } from '../../controller/base/index.ts';
import type { KernelPlaneOptions } from '../../proxy/planes/kernel/index.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { addresses, type Lab, podCidrs } from './lab.ts';

/** Options of a kernel plane on the lab's node. */
export function planeOptions(
  lab: Lab,
  fields: Partial<KernelPlaneOptions> = {},
): KernelPlaneOptions {
  const { IPv4, IPv6 } = addresses;
  return {
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    problems: new ProblemBook(),
    run: lab.hosts.node.run,
    networkNamespace: lab.hosts.node.path,
    node: { primary: [IPv4.node, IPv6.node], all: () => [IPv4.node, IPv6.node] },
    detector: { kind: 'cidrs', cidrs: podCidrs },
    serviceCidrs: ['10.96.0.0/16', 'fd96::/112'],
    ...fields,
  };
}
