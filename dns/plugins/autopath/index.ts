import { corefileError, expectArgs, expectNoBlock, type Token } from '../../corefile/index.ts';
import { readFileSync } from 'node:fs';
import { describeError } from '../../../controller/base/index.ts';
import {
  canonicalAddress,
  classIN,
  isWithin,
  lowerName,
  type Name,
  parseName,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { parseKubernetes } from '../kubernetes/parse.ts';
import {
  type BlockScope,
  closestZone,
  plainPlugin,
  type PluginKind,
  pluginKind,
  zonesOf,
} from '../kind.ts';
import type { Next, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** Walks the client's search path inside the server: one round trip instead of as many as it is long. */
export const autopath: PluginKind = pluginKind({
  name: 'autopath',
  parse: (line, scope) => {
    expectArgs(line, 1, 100, 'autopath [ZONES...] FILE|@kubernetes');
    expectNoBlock(line);
    const source = line.args.at(-1);
    if (!source) throw corefileError('write autopath FILE', line.name.at);
    const zones = zonesOf(line.args.slice(0, -1), scope);
    if (source.text === '@kubernetes') {
      return { zones, search: clusterSearch(scope, source), own: searchPathOf(resolvConf, source) };
    }
    if (source.text.startsWith('@')) {
      throw corefileError(
        `autopath knows no plugin ${source.text}: write @kubernetes or a resolv.conf`,
        source.at,
      );
    }
    return { zones, search: undefined, own: searchPathOf(scope.path(source.text), source) };
  },
  create: ({ zones, search, own }, { meter, cluster }) => {
    const fixed: readonly Name[] = [...own, []];
    /** The client's search path; undefined: it is not known. */
    const searchOf = ({ client }: Query): readonly Name[] | undefined => {
      if (!search) return fixed;
      const namespace = cluster.namespaceOfPod(canonicalAddress(client.address) ?? '');
      return namespace === undefined ? undefined : [...search(namespace), ...fixed];
    };
    const successes = meter
      .counter({
        name: 'coredns_autopath_success_total',
        help: 'Queries that a search path walked here has answered.',
      })
      .bind();
    return plainPlugin('autopath', (query, next) => {
      const isAddress = query.type === recordType.A || query.type === recordType.AAAA;
      if (!isAddress || !closestZone(zones, query.lower)) return next(query);
      const path = searchOf(query);
      const [first] = path ?? [];
      if (!path || !first || first.length === 0 || !isWithin(query.lower, first)) {
        return next(query);
      }
      return walk(query, next, path, () => successes.inc());
    });
  },
});

const resolvConf = '/etc/resolv.conf';

/** What the kubelet writes into Pods. @throws ConfigError without `kubernetes` and `pods verified` */
function clusterSearch(
  { directives, ...scope }: BlockScope,
  source: Token,
): (namespace: string) => readonly Name[] {
  const line = directives.find(({ name }) => name.text === 'kubernetes');
  const config = line && parseKubernetes(line, { directives, ...scope });
  if (!config) throw corefileError('@kubernetes needs a kubernetes line in this block', source.at);
  if (config.podsMode !== 'verified') {
    throw corefileError('@kubernetes needs "pods verified" in the kubernetes line', source.at);
  }
  const [domain] = config.zones;
  return (namespace) => [[namespace, 'svc', ...domain], ['svc', ...domain], domain];
}

/** @throws ConfigError */
function searchPathOf(path: string, source: Token): readonly Name[] {
  try {
    return searchPath(path);
  } catch (error) {
    throw corefileError(`the search path can't be read: ${describeError(error)}`, source.at);
  }
}

/** The last `search` line of a resolv.conf. */
function searchPath(path: string): readonly Name[] {
  let found: readonly Name[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [word, ...domains] = line.trim().split(/\s+/);
    if (word === 'search') found = domains.map((text) => lowerName(parseName(text)));
  }
  return found;
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
