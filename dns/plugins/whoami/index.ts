import { expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { classIN, parseAddress, recordType, type ResourceRecord } from '../../wire/index.ts';
import { closestZone, plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { replyWith } from '../reply.ts';

/** Tells a client its own address, port and transport, in the additional section. */
export const whoami: PluginKind = pluginKind({
  name: 'whoami',
  parse: (line, scope) => {
    expectArgs(line, 0, 0, 'whoami');
    expectNoBlock(line);
    return scope.zones;
  },
  create: (zones) =>
    plainPlugin('whoami', (query, next) => {
      const zone = closestZone(zones, query.lower);
      if (!zone) return next(query);
      const { address, port } = query.client;
      const octets = parseAddress(address);
      const source: ResourceRecord[] = octets
        ? [
            {
              name: query.name,
              type: octets.length === 4 ? recordType.A : recordType.AAAA,
              class: classIN,
              ttlSec: 0,
              data: { kind: 'Address', octets },
            },
          ]
        : [];
      const transport = query.transport === 'udp' ? '_udp' : '_tcp';
      return replyWith('whoami', {
        authoritative: true,
        additionals: [
          ...source,
          {
            name: [transport, ...query.name],
            type: recordType.SRV,
            class: classIN,
            ttlSec: 0,
            data: { kind: 'SRV', priority: 0, weight: 0, port, target: [] },
          },
        ],
      });
    }),
});
