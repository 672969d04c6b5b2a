import { describeError } from '../../controller/base/index.ts';
import type { Plugin, Query, Reply } from '../plugins/plugin.ts';
import { replyWith } from '../plugins/reply.ts';
import { formatName, formatRcode, formatType, rcode, sameName } from '../wire/index.ts';

/** What one plugin did with the question. */
export interface Step {
  readonly plugin: string;
  /** Sentences of its own. */
  readonly notes: readonly string[];
  /** What it asked of the rest of the chain, when that is not what it was asked itself. */
  readonly asked: readonly string[];
  readonly outcome: 'passed' | 'changed' | 'answered' | 'failed';
}

/** Asks the plugins one by one, as the chain does, and writes down what each does. */
export async function traced(
  plugins: readonly Plugin[],
  query: Query,
): Promise<{ readonly steps: readonly Step[]; readonly reply: Reply }> {
  const steps: Step[] = [];
  const ask = async (at: number, now: Query): Promise<Reply> => {
    const plugin = plugins[at];
    if (!plugin) return replyWith('', { rcode: rcode.REFUSED });
    const asked: string[] = [];
    let passed: Reply | undefined;
    const mark = steps.length;
    const notes = plugin.explain?.(now) ?? [];
    const note = (outcome: Step['outcome'], more: readonly string[] = []): void =>
      void steps.splice(mark, 0, {
        plugin: plugin.name,
        notes: [...notes, ...more],
        asked,
        outcome,
      });
    try {
      const reply = await plugin.handle(now, async (next) => {
        const isOther = !sameName(next.name, now.name) || next.type !== now.type;
        if (isOther) asked.push(`${formatName(next.name)} ${formatType(next.type)}`);
        passed = await ask(at + 1, next);
        return passed;
      });
      note(passed === undefined ? 'answered' : saysTheSame(passed, reply) ? 'passed' : 'changed');
      return reply;
    } catch (error) {
      note('failed', [describeError(error)]);
      throw error;
    }
  };
  return { reply: await ask(0, query).catch(failure), steps };
}

function failure(): Reply {
  return replyWith('', { rcode: rcode.SERVFAIL });
}

/** Equal in what a client would see of it, order and TTL apart. */
function saysTheSame(a: Reply, b: Reply): boolean {
  const shape = ({ rcode: code, answers, authorities, additionals, silent }: Reply): string =>
    [
      formatRcode(code),
      ...[answers, authorities, additionals].map((records) =>
        records
          .map(({ name, type }) => `${formatName(name)} ${type}`)
          .toSorted()
          .join(),
      ),
      String(silent ?? false),
    ].join('; ');
  return shape(a) === shape(b);
}
