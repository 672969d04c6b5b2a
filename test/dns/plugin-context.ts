import { seededRandom, silentLog } from '../../controller/base/index.ts';
import { ZoneIndex } from '../../dns/plugins/kubernetes/zone-index.ts';
import type { PluginContext, Query } from '../../dns/plugins/plugin.ts';
import { replyWith } from '../../dns/plugins/reply.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';

/** A context whose every part is a fake; no upstream ever answers. */
export function pluginContext(more: Partial<PluginContext> = {}): PluginContext {
  return {
    log: silentLog,
    meter: new MemoryMeter(),
    clock: new FakeClock(),
    problems: new ProblemBook(),
    random: seededRandom(1),
    server: 'dns://:53',
    zones: [[]],
    cluster: new ZoneIndex(),
    forwarding: {
      random: seededRandom(1),
      exchange: () => Promise.reject(new Error('no upstream')),
      randomId: () => 0x1234,
    },
    forgetReplies: () => {},
    siblings: () => [],
    resolve: () => replyWith('', {}),
    listening: () => [],
    ...more,
  };
}

/** A query as it comes over UDP without EDNS. */
export const plainQuery: Query = {
  name: ['WWW', 'example', 'com'],
  lower: ['www', 'example', 'com'],
  type: 1,
  class: 1,
  transport: 'udp',
  client: { address: '127.0.0.1', port: 40_000 },
  recursionDesired: true,
  authenticData: false,
  checkingDisabled: false,
  edns: undefined,
  depth: 0,
  message: { id: 1, opcode: 0, octets: 33 },
};
