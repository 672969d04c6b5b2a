import { describeError, PortolanError } from '../../../controller/base/index.ts';
import { formatName, formatType, rcode } from '../../wire/index.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** One line for errors of the same code in this time, so that an outage does not fill the disk. */
const quietMs = 5000;

/**
 * Turns the errors that plugins raise on purpose into SERVFAIL, and says why in the log. Others
 * are faults in the program; they pass, for the server to count.
 */
export class ErrorsPlugin implements Plugin {
  readonly name = 'errors';
  readonly #context: PluginContext;
  /** By error code, a closed set. */
  readonly #quiet: Map<string, { untilMs: number; hidden: number }> = new Map();

  constructor(context: PluginContext) {
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
    const quiet = this.#quiet.get(error.code);
    if (quiet && nowMs < quiet.untilMs) {
      quiet.hidden += 1;
      return;
    }
    this.#quiet.set(error.code, { untilMs: nowMs + quietMs, hidden: 0 });
    this.#context.log.warn(
      {
        code: error.code,
        qname: formatName(query.name),
        qtype: formatType(query.type),
        ...(quiet?.hidden ? { alsoNotLogged: quiet.hidden } : {}),
      },
      `SERVFAIL: ${describeError(error)}`,
    );
  }
}
