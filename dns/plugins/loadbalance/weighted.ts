import { WireError } from '../../../controller/base/index.ts';
import {
  formatAddress,
  lowerName,
  nameKey,
  parseAddress,
  parseName,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { FileWatch } from '../file-watch.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';

/** By name, weights of addresses in canonical text. */
export type Weights = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** More than any weight file; bounds what one can make us hold. */
const maxLines = 100_000;

/**
 * Reads a weight file: a name on a line of its own, then `ADDRESS WEIGHT` lines, weights from 1
 * to 255. @throws WireError `BadWeights`, with the line
 */
export function parseWeights(text: string): Weights {
  const found = new Map<string, Map<string, number>>();
  let own: Map<string, number> | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    if (i >= maxLines) throw new WireError('BadWeights', `more than ${maxLines} lines`);
    const [first = '', weight, extra] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (first === '') continue;
    if (weight === undefined) {
      own = new Map();
      found.set(nameKey(parseName(first)), own);
      continue;
    }
    const octets = parseAddress(first);
    const number = /^\d{1,3}$/.test(weight) ? Number(weight) : 0;
    if (!own || !octets || number < 1 || number > 255 || extra !== undefined) {
      throw new WireError('BadWeights', `line ${i + 1}: write a name, then ADDRESS WEIGHT lines`);
    }
    own.set(formatAddress(octets), number);
  }
  return found;
}

/** Puts one address first, chosen by weight; the others stay as they come. */
export class WeightedPlugin implements Plugin {
  readonly name = 'loadbalance';
  readonly #context: PluginContext;
  readonly #watch: FileWatch;
  #weights: Weights = new Map();

  constructor(file: { readonly path: string; readonly reloadMs: number }, context: PluginContext) {
    this.#context = context;
    const take = (text: string): void => {
      this.#weights = parseWeights(text);
    };
    this.#watch = new FileWatch({ path: file.path, intervalMs: file.reloadMs, take }, context);
  }

  async start(): Promise<void> {
    await this.#watch.start();
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> =>
    mapReply(next(query), (reply) => (reply.rcode === 0 ? this.#arranged(reply) : reply));

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
  }

  #arranged(reply: Reply): Reply {
    const addresses = reply.answers.filter(isAddress);
    const [first] = addresses;
    const weights = first && this.#weights.get(nameKey(lowerName(first.name)));
    const chosen = weights && this.#choose(addresses, weights);
    if (!chosen) return reply;
    const others = reply.answers.filter((record) => record !== chosen && isAddress(record));
    const rest = reply.answers.filter((record) => !isAddress(record));
    return { ...reply, answers: [...rest, chosen, ...others] };
  }

  #choose(
    addresses: readonly ResourceRecord[],
    weights: ReadonlyMap<string, number>,
  ): ResourceRecord | undefined {
    const weightOf = ({ data }: ResourceRecord): number =>
      (data.kind === 'Address' ? weights.get(formatAddress(data.octets)) : undefined) ?? 1;
    const total = addresses.reduce((sum, record) => sum + weightOf(record), 0);
    let left = this.#context.random() * total;
    for (const record of addresses) {
      left -= weightOf(record);
      if (left < 0) return record;
    }
    return addresses.at(-1);
  }
}

function isAddress({ type }: ResourceRecord): boolean {
  return type === recordType.A || type === recordType.AAAA;
}
