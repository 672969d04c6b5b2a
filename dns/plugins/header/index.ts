import { choiceOf, corefileError, type Directive, expectArgs } from '../../corefile/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';

const flags = ['aa', 'ra', 'rd'] as const;

interface Rule {
  readonly of: 'query' | 'response';
  readonly flag: (typeof flags)[number];
  readonly value: boolean;
}

/** Sets and clears header flags, in the order of the lines. */
export const header: PluginKind = pluginKind({
  name: 'header',
  repeats: true,
  options: ['query', 'response'],
  parse: (line) => {
    expectArgs(line, 0, 0, 'header { response set FLAG... }');
    return (line.block ?? []).flatMap(readRule);
  },
  create: (rules) =>
    plainPlugin(
      'header',
      (query, next) => {
        const asked = rules.filter((rule) => rule.of === 'query').reduce(changeQuery, query);
        return mapReply(next(asked), (reply) =>
          rules.filter((rule) => rule.of === 'response').reduce(changeReply, reply),
        );
      },
      { repeatable: true },
    ),
});

function readRule(line: Directive): readonly Rule[] {
  const of = choiceOf(line.name, ['query', 'response']);
  expectArgs(line, 2, 4, `${of} set|clear FLAG...`);
  const [action, ...named] = line.args;
  if (!action) return [];
  const value = choiceOf(action, ['set', 'clear']) === 'set';
  return named.map((token) => {
    const flag = choiceOf(token, flags);
    if (of === 'query' && flag !== 'rd') {
      throw corefileError(`${flag} is a flag of responses: queries have rd`, token.at);
    }
    return { of, flag, value };
  });
}

function changeQuery(query: Query, { value }: Rule): Query {
  return { ...query, recursionDesired: value };
}

function changeReply(reply: Reply, { flag, value }: Rule): Reply {
  switch (flag) {
    case 'aa':
      return { ...reply, authoritative: value };
    case 'ra':
      return { ...reply, recursionAvailable: value };
    case 'rd':
      return { ...reply, recursionDesired: value };
  }
}
