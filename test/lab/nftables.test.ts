import { deepEqual, equal } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { silentLog, systemClock } from '../../controller/base/index.ts';
import type { KernelPlane, KernelPlaneOptions } from '../../proxy/planes/kernel/index.ts';
import { createNftablesPlane } from '../../proxy/planes/nftables/index.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { labMissing, wrongOutcomes } from './ask.ts';
import { addresses, Lab, podCidrs } from './lab.ts';
import {
  destinations,
  families,
  packetCases,
  packetProtocols,
  packetServices,
  sources,
  states,
} from './packet-table.ts';

const missing = labMissing('nft');

function planeIn(lab: Lab, fields: Partial<KernelPlaneOptions> = {}): KernelPlane {
  const { IPv4, IPv6 } = addresses;
  return createNftablesPlane({
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    problems: new ProblemBook(),
    run: lab.hosts.node.run,
    node: { primary: [IPv4.node, IPv6.node], all: () => [IPv4.node, IPv6.node] },
    detector: { kind: 'cidrs', cidrs: podCidrs },
    serviceCidrs: ['10.96.0.0/16', 'fd96::/112'],
    ...fields,
  });
}

suite('nftables in a lab', { skip: missing ?? false }, () => {
  let lab: Lab;
  let plane: KernelPlane;
  before(async () => {
    lab = await Lab.build();
    plane = planeIn(lab);
    const { problems } = await plane.apply(packetServices(), undefined);
    deepEqual(problems, []);
  });
  after(async () => {
    await plane?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  test('every packet of the table gets where it should', async () => {
    const cases = packetCases();
    const product = [sources, destinations, states, families, packetProtocols];
    equal(
      cases.length,
      product.reduce((count, { length }) => count * length, 1),
    );
    deepEqual(await wrongOutcomes(lab, cases), []);
  });
});
