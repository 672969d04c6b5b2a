import { describeError, PortolanError } from '../../../controller/base/index.ts';
import {
  choiceOf,
  type Directive,
  durationOf,
  expectArgs,
  noArgs,
  readOptions,
} from '../../corefile/index.ts';
import { formatName, formatType, rcode } from '../../wire/index.ts';
import { type PluginKind, pluginKind } from '../kind.ts';
import { patternOf } from '../pattern.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** One line for errors that match in this time, so that an outage does not fill the disk. */
const defaultQuietMs = 5000;

const levels = ['debug', 'info', 'warning', 'error'] as const;
type Level = (typeof levels)[number];

interface Consolidation {
  readonly periodMs: number;
  readonly pattern: RegExp;
  readonly level: Level;
}

export interface ErrorsConfig {
  /** The first that matches says how long further errors like it are only counted. */
  readonly consolidate: readonly Consolidation[];
}

/** Errors of other plugins: SERVFAIL to the client, a line in the log. */
export const errors: PluginKind = pluginKind({
  name: 'errors',
  options: ['stacktrace', 'consolidate'],
  parse: parseErrors,
  create: (config, context) => new ErrorsPlugin(config, context),
});

function parseErrors(line: Directive): ErrorsConfig {
  expectArgs(line, 0, 1, 'errors');
  const consolidate: Consolidation[] = [];
  readOptions(line, {
    // Faults in the program are always logged with their stack.
    stacktrace: (one) => void noArgs(one),
    consolidate: (one) => {
      expectArgs(one, 2, 4, 'consolidate DURATION REGEX [LEVEL] [show_first]');
      const [period, pattern, level] = one.args;
      if (!period || !pattern) return;
      consolidate.push({
        periodMs: durationOf(period, 1),
        pattern: patternOf(pattern),
        level: level && level.text !== 'show_first' ? choiceOf(level, levels) : 'error',
      });
    },
  });
  return { consolidate };
}

/**
 * Turns the errors that plugins raise on purpose into SERVFAIL, and says why in the log. Others
 * are faults in the program; they pass, for the server to count.
 */
export class ErrorsPlugin implements Plugin {
  readonly name = 'errors';
  readonly repeatable = true;
  readonly #config: ErrorsConfig;
  readonly #context: PluginContext;
  /** By error code, or by the pattern that matched: closed sets. */
  readonly #quiet: Map<string, { untilMs: number; hidden: number }> = new Map();

  constructor(config: ErrorsConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    try {
      const reply = next(query);
      return reply instanceof Promise
        ? reply.catch((error: unknown) => this.#failed(query, error))
        : reply;
    } catch (error) {
      return this.#failed(query, error);
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  #failed(query: Query, error: unknown): Reply {
    if (!(error instanceof PortolanError)) throw error;
    this.#log(query, error);
    return replyWith(this.name, { rcode: rcode.SERVFAIL });
  }

  #log(query: Query, error: PortolanError): void {
    const nowMs = this.#context.clock.nowMs();
    const message = describeError(error);
    const rule = this.#config.consolidate.find(({ pattern }) => pattern.test(message));
    const key = rule ? rule.pattern.source : error.code;
    const quiet = this.#quiet.get(key);
    if (quiet && nowMs < quiet.untilMs) {
      quiet.hidden += 1;
      return;
    }
    this.#quiet.set(key, { untilMs: nowMs + (rule?.periodMs ?? defaultQuietMs), hidden: 0 });
    this.#write(rule?.level ?? 'warning')(
      {
        code: error.code,
        qname: formatName(query.name),
        qtype: formatType(query.type),
        ...(quiet?.hidden ? { alsoNotLogged: quiet.hidden } : {}),
      },
      `SERVFAIL: ${message}`,
    );
  }

  #write(level: Level): (fields: object, message: string) => void {
    const { log } = this.#context;
    switch (level) {
      case 'debug':
        return (fields, message) => log.debug(fields, message);
      case 'info':
        return (fields, message) => log.info(fields, message);
      case 'warning':
        return (fields, message) => log.warn(fields, message);
      case 'error':
        return (fields, message) => log.error(fields, message);
    }
  }
}
