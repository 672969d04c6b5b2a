import { describeError, PortolanError } from '../../../controller/base/index.ts';
import {
  corefileError,
  type Directive,
  expectArgs,
  integerOf,
  oneArg,
  readOptions,
  type Token,
} from '../../corefile/index.ts';
import {
  classIN,
  type EdnsOption,
  formatName,
  formatType,
  lowerName,
  type Name,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { parseRecord, typeNumber } from '../../zonefile/index.ts';
import {
  type BlockScope,
  closestZone,
  type Fallthrough,
  fallsThrough,
  type PluginKind,
  pluginKind,
  readFallthrough,
  zonesOf,
} from '../kind.ts';
import { patternOf } from '../pattern.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { extendedError, replyWith } from '../reply.ts';
import { parseTemplate, type Template, type TemplateValues } from './go-template.ts';

/** Options in the order of the documentation. */
const templateOptions = [
  'match',
  'answer',
  'additional',
  'authority',
  'rcode',
  'ederror',
  'fallthrough',
] as const;

interface TemplateConfig {
  /** Undefined: any. */
  readonly type: number | undefined;
  readonly zones: readonly Name[];
  readonly patterns: readonly RegExp[];
  readonly answers: readonly Template[];
  readonly additionals: readonly Template[];
  readonly authorities: readonly Template[];
  readonly rcode: number;
  readonly errors: readonly EdnsOption[];
  readonly fallthrough: Fallthrough;
}

/** Answers made from the question by patterns. */
export const template: PluginKind = pluginKind({
  name: 'template',
  repeats: true,
  options: templateOptions,
  parse: parseTemplateLine,
  create: (config, context) => new TemplatePlugin(config, context),
});

function parseTemplateLine(line: Directive, scope: BlockScope): TemplateConfig {
  expectArgs(line, 2, 100, 'template CLASS TYPE [ZONES...]');
  const [classToken, typeToken, ...zones] = line.args;
  if (classToken && !['IN', 'ANY'].includes(classToken.text.toUpperCase())) {
    throw corefileError(
      `class "${classToken.text}" has no templates here: write IN`,
      classToken.at,
    );
  }
  const config = {
    type: typeToken && typeOf(typeToken),
    zones: zonesOf(zones, scope),
    patterns: [] as RegExp[],
    answers: [] as Template[],
    additionals: [] as Template[],
    authorities: [] as Template[],
    rcode: rcode.NOERROR as number,
    errors: [] as EdnsOption[],
    fallthrough: [] as Fallthrough,
  };
  const into = (list: Template[]) => (one: Directive) => {
    expectArgs(one, 1, 100, `${one.name.text} "RECORD"`);
    for (const token of one.args) list.push(templateOf(token));
  };
  readOptions(line, {
    match: (one) => {
      expectArgs(one, 1, 100, 'match REGEX...');
      config.patterns.push(...one.args.map(patternOf));
    },
    answer: into(config.answers),
    additional: into(config.additionals),
    authority: into(config.authorities),
    rcode: (one) => {
      config.rcode = rcodeOf(oneArg(one, 'rcode CODE'));
    },
    ederror: (one) => {
      expectArgs(one, 1, 2, 'ederror CODE ["TEXT"]');
      const [code, text] = one.args;
      if (code) config.errors.push(extendedError(integerOf(code, 0, 65535), text?.text ?? ''));
    },
    fallthrough: (one) => {
      config.fallthrough = readFallthrough(one);
    },
  } satisfies Record<(typeof templateOptions)[number], (one: Directive) => void>);
  return config;
}

function typeOf(token: Token): number | undefined {
  if (token.text.toUpperCase() === 'ANY') return undefined;
  const type = typeNumber(token.text);
  if (type === undefined) throw corefileError(`"${token.text}" is no record type`, token.at);
  return type;
}

function rcodeOf(token: Token): number {
  const found = Object.entries(rcode).find(([name]) => name === token.text.toUpperCase());
  if (!found) throw corefileError(`"${token.text}" is no rcode`, token.at);
  return found[1];
}

function templateOf(token: Token): Template {
  try {
    return parseTemplate(token.text);
  } catch (error) {
    throw corefileError(describeError(error), token.at);
  }
}

class TemplatePlugin implements Plugin {
  readonly name = 'template';
  readonly repeatable = true;
  readonly #config: TemplateConfig;
  readonly #context: PluginContext;

  constructor(config: TemplateConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    const { type, zones, fallthrough } = this.#config;
    const zone = closestZone(zones, query.lower);
    const fits = query.class === classIN && (type === undefined || type === query.type);
    if (!fits || !zone) return next(query);
    const values = this.#match(query, zone);
    if (!values) {
      if (fallsThrough(fallthrough, query.lower)) return next(query);
      return replyWith(this.name, { rcode: rcode.SERVFAIL });
    }
    return this.#follow(query, this.#answer(values));
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The first pattern that fits, without regard to order of zones; no pattern fits everything. */
  #match(query: Query, zone: Name): TemplateValues | undefined {
    const name = formatName(query.lower);
    const patterns = this.#config.patterns.length > 0 ? this.#config.patterns : [/.*/];
    for (const pattern of patterns) {
      const found = pattern.exec(name);
      if (!found) continue;
      return {
        Name: name,
        Zone: formatName(zone),
        Class: 'IN',
        Type: formatType(query.type),
        Remote: query.client.address,
        Match: found,
        Group: {
          ...found.groups,
          ...Object.fromEntries(found.map((text, i) => [String(i), text])),
        },
      };
    }
    return undefined;
  }

  /** @throws PortolanError when what the templates make is no record */
  #answer(values: TemplateValues): Reply {
    const { answers, additionals, authorities, errors: options } = this.#config;
    const records = (templates: readonly Template[]): readonly ResourceRecord[] =>
      templates.map((one) => parseRecord(one(values)));
    try {
      return replyWith(this.name, {
        rcode: this.#config.rcode,
        authoritative: true,
        answers: records(answers),
        additionals: records(additionals),
        authorities: records(authorities),
        options,
      });
    } catch (error) {
      throw new PortolanError('BadTemplate', 'a template made no record', { cause: error });
    }
  }

  /** A CNAME alone is no address: what it leads to is looked up. */
  #follow(query: Query, reply: Reply): Eventually<Reply> {
    const [only, ...more] = reply.answers;
    const wantsAddress = query.type === recordType.A || query.type === recordType.AAAA;
    if (!wantsAddress || !only || more.length > 0) return reply;
    if (only.type !== recordType.CNAME || only.data.kind !== 'Target') return reply;
    const { target } = only.data;
    const asked = { ...query, name: target, lower: lowerName(target), depth: query.depth + 1 };
    return mapReply(this.#context.resolve(asked), (found) => ({
      ...reply,
      rcode: found.rcode,
      truncated: found.truncated,
      answers: [only, ...found.answers],
    }));
  }
}
