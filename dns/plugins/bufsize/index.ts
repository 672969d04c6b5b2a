import { expectArgs, expectNoBlock, integerOf } from '../../corefile/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { mapReply } from '../reply-later.ts';

/** DNS flag day 2020: fits a packet on any path. */
const defaultOctets = 1232;

/**
 * Limits UDP messages: lowers what a client offers to take, never raises it, never adds EDNS; and
 * is the limit of our own replies in place of the default one.
 */
export const bufsize: PluginKind = pluginKind({
  name: 'bufsize',
  parse: (line) => {
    expectArgs(line, 0, 1, 'bufsize [OCTETS]');
    expectNoBlock(line);
    const [octets] = line.args;
    return octets ? integerOf(octets, 512, 4096) : defaultOctets;
  },
  create: (octets) =>
    plainPlugin(
      'bufsize',
      (query, next) => {
        const { edns } = query;
        if (!edns) return next(query);
        const udpPayloadSize = Math.min(edns.udpPayloadSize, octets);
        return mapReply(next({ ...query, edns: { ...edns, udpPayloadSize } }), (reply) => ({
          ...reply,
          udpLimitOctets: octets,
        }));
      },
      { repeatable: true },
    ),
});
