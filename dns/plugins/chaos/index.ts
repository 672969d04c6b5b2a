import { hostname } from 'node:os';
import { expectNoBlock } from '../../corefile/index.ts';
import { recordType } from '../../wire/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { replyWith } from '../reply.ts';

/** Class CH (RFC 1035 §3.2.4), which nowadays only asks servers about themselves. */
const classCH = 3;

/** Answers `version.bind`, `authors.bind`, `hostname.bind` and their like in class CH. */
export const chaos: PluginKind = pluginKind({
  name: 'chaos',
  parse: (line) => {
    expectNoBlock(line);
    const [version, ...authors] = line.args.map(({ text }) => text);
    return { version: version ?? 'Portolan', authors };
  },
  create: ({ version, authors }) => {
    const texts = new Map<string, readonly string[]>([
      ['version.bind', [version]],
      ['version.server', [version]],
      ['authors.bind', authors],
      ['hostname.bind', [hostname()]],
      ['id.server', [hostname()]],
    ]);
    return plainPlugin(
      'chaos',
      (query, next) => {
        if (query.class !== classCH || query.type !== recordType.TXT) return next(query);
        const found = texts.get(query.lower.join('.'));
        if (!found) return next(query);
        return replyWith('chaos', {
          authoritative: true,
          answers: found.map((text) => ({
            name: query.name,
            type: recordType.TXT,
            class: classCH,
            ttlSec: 0,
            data: { kind: 'Strings', strings: [text] },
          })),
        });
      },
      { repeatable: true },
    );
  },
});
