import {
  choiceOf,
  corefileError,
  type Directive,
  expectArgs,
  nameOf,
  readOptions,
} from '../../corefile/index.ts';
import { type Name, rcode } from '../../wire/index.ts';
import { closestZone, plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { formatLine, namedFormats, unknownFields } from './format.ts';

const classes = ['all', 'success', 'denial', 'error'] as const;
type LogClass = (typeof classes)[number];

interface LogConfig {
  readonly zones: readonly Name[];
  readonly format: string;
  readonly classes: ReadonlySet<LogClass>;
}

/** A line for each query and what the client got. */
export const log: PluginKind = pluginKind({
  name: 'log',
  repeats: true,
  options: ['class'],
  parse: (line, scope): LogConfig => {
    const names = line.args.filter(({ text }) => !text.includes('{'));
    const [format, extra] = line.args.filter(({ text }) => text.includes('{'));
    if (extra) throw corefileError('log takes one format: put it in quotes', extra.at);
    const chosen = new Set<LogClass>();
    readOptions(line, { class: (one) => readClasses(one, chosen) });
    const text = format?.text ?? '{common}';
    const [unknown] = unknownFields(text);
    if (format && unknown !== undefined) {
      throw corefileError(`log knows no {${unknown}}`, format.at);
    }
    return {
      zones: names.length > 0 ? names.map(nameOf) : scope.zones,
      format: text.replaceAll(
        /\{(common|combined)\}/g,
        (_, name: string) => namedFormats[name] ?? '',
      ),
      classes: chosen.size > 0 ? chosen : new Set(['all']),
    };
  },
  create: (config, { log: out, clock }) =>
    plainPlugin('log', (query, next) => {
      if (!closestZone(config.zones, query.lower)) return next(query);
      const startedMs = clock.nowMs();
      return mapReply(next(query), (reply) => {
        if (!config.classes.has('all') && !config.classes.has(classOf(reply))) return reply;
        const before = reply.onSent;
        const onSent = (responseOctets: number): void => {
          before?.(responseOctets);
          const tookMs = clock.nowMs() - startedMs;
          out.info({}, formatLine(config.format, { query, reply, responseOctets, tookMs }));
        };
        return { ...reply, onSent };
      });
    }),
});

function readClasses(line: Directive, chosen: Set<LogClass>): void {
  expectArgs(line, 1, classes.length, 'class all|success|denial|error');
  for (const token of line.args) chosen.add(choiceOf(token, classes));
}

/** Denials are NXDOMAIN and NODATA; errors all that is neither a denial nor NOERROR. */
function classOf({ rcode: code, answers, authorities }: Reply): LogClass {
  if (code === rcode.NXDOMAIN) return 'denial';
  if (code !== rcode.NOERROR) return 'error';
  const isDenial = answers.length === 0 && authorities.some(({ data }) => data.kind === 'SOA');
  return isDenial ? 'denial' : 'success';
}
