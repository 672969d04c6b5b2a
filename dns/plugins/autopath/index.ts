import { corefileError, expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { readFileSync } from 'node:fs';
import { describeError } from '../../../controller/base/index.ts';
import {
  classIN,
  isWithin,
  lowerName,
  type Name,
  parseName,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { closestZone, plainPlugin, type PluginKind, pluginKind, zonesOf } from '../kind.ts';
import type { Next, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** Walks the client's search path inside the server: one round trip instead of as many as it is long. */
export const autopath: PluginKind = pluginKind({
  name: 'autopath',
  parse: (line, scope) => {
    expectArgs(line, 1, 100, 'autopath [ZONES...] FILE');
    expectNoBlock(line);
    const source = line.args.at(-1);
    if (!source) throw corefileError('write autopath FILE', line.name.at);
    if (source.text.startsWith('@')) {
      throw corefileError(
        `autopath ${source.text} is not served by this version: name a resolv.conf, or remove the line`,
        source.at,
      );
    }
    const path = scope.path(source.text);
    try {
      return { zones: zonesOf(line.args.slice(0, -1), scope), search: searchPath(path) };
    } catch (error) {
      throw corefileError(`the search path can't be read: ${describeError(error)}`, source.at);
    }
  },
  create: ({ zones, search }, { meter }) => {
    const successes = meter
      .counter({
        name: 'coredns_autopath_success_total',
        help: 'Queries that a search path walked here has answered.',
      })
      .bind();
    const [first] = search;
    return plainPlugin('autopath', (query, next) => {
      const isAddress = query.type === recordType.A || query.type === recordType.AAAA;
      const fits =
        first && isAddress && isWithin(query.lower, first) && closestZone(zones, query.lower);
      return fits ? walk(query, next, search, () => successes.inc()) : next(query);
    });
  },
});

/** The last `search` line of a resolv.conf, and the name as it is. */
function searchPath(path: string): readonly Name[] {
  let found: readonly Name[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [word, ...domains] = line.trim().split(/\s+/);
    if (word === 'search') found = domains.map((text) => lowerName(parseName(text)));
  }
  return [...found, []];
}

async function walk(
  query: Query,
  next: Next,
  search: readonly Name[],
  onSuccess: () => void,
): Promise<Reply> {
  const bare = query.name.slice(0, query.name.length - (search[0]?.length ?? 0));
  let first: Reply | undefined;
  for (const domain of search) {
    const name = [...bare, ...domain];
    const reply = await next({ ...query, name, lower: lowerName(name) });
    first ??= reply;
    if (reply.rcode === rcode.NXDOMAIN) continue;
    onSuccess();
    return domain === search[0] ? reply : led(query.name, name, reply);
  }
  return first ?? replyWith('autopath', { rcode: rcode.SERVFAIL });
}

/** The answer, under the name that was asked for. */
function led(asked: Name, found: Name, reply: Reply): Reply {
  if (reply.answers.length === 0) return reply;
  const cname: ResourceRecord = {
    name: asked,
    type: recordType.CNAME,
    class: classIN,
    ttlSec: reply.answers[0]?.ttlSec ?? 0,
    data: { kind: 'Target', target: found },
  };
  return { ...reply, answers: [cname, ...reply.answers], plugin: 'autopath', reuse: undefined };
}
