import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../../controller/base/index.ts';
import {
  type Corefile,
  corefileError,
  type Directive,
  oneArg,
  type Scheme,
  type ServerBlock,
  type ServerKey,
} from '../corefile/index.ts';
import { type BlockScope, type PluginFactory } from '../plugins/kind.ts';
import { pluginOrder } from '../plugins/index.ts';
import { formatName, type Name } from '../wire/index.ts';
import { absentDirectives } from './absent-directives.ts';
import { type BlockSettings, readSettings, settingNames } from './settings.ts';

/** Parts of the table that are compiled only for who reads them: they cost a watch, or memory. */
export type ZoneNeed = 'pods' | 'labels';

/** What these blocks need altogether. */
export function needsOf(plans: readonly BlockPlan[]): ReadonlySet<ZoneNeed> {
  return new Set(plans.flatMap(({ needs }) => needs));
}

/** A server block, read to the last argument: nothing in it can be wrong any more. */
export interface BlockPlan {
  readonly zones: readonly {
    readonly scheme: Scheme;
    readonly zone: Name;
    readonly port: number;
  }[];
  readonly settings: BlockSettings;
  /** What its plugins read of the table beyond what every configuration needs. */
  readonly needs: readonly ZoneNeed[];
  /** In the order of the chain. */
  readonly plugins: readonly { readonly name: string; readonly make: PluginFactory }[];
}

/** Takes what is wrong, or throws it. */
type Report = (error: ConfigError) => void;

const throwing: Report = (error) => {
  throw error;
};

/**
 * Reads what the directives mean. `report` is told each thing that is wrong, and what it stands in
 * is left out; without it the first one is thrown.
 * @throws ConfigError `BadCorefile`, without `report`
 */
export function planBlocks({ blocks }: Corefile, report: Report = throwing): readonly BlockPlan[] {
  const plans = blocks.map((block) => ({ block, plan: planBlock(block, report) }));
  reporting(report, () => refuseDuplicates(plans));
  return plans.map(({ plan }) => plan);
}

/** Runs `read`; undefined when it found something wrong, which is reported. */
function reporting<T>(report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    report(error);
    return undefined;
  }
}

function planBlock({ keys, directives }: ServerBlock, report: Report): BlockPlan {
  const attempt = <T>(read: () => T): T | undefined => reporting(report, read);
  for (const line of directives) attempt(() => refuseUnknown(line));
  const path = pathsFrom(directives.find(({ name }) => name.text === 'root'));
  const scope: BlockScope = { zones: keys.map(({ zone }) => zone), path, directives };
  for (const name of settingNames) {
    if (name !== 'view') attempt(() => refuseRepeat(directives, name));
  }
  const plugins = pluginOrder.flatMap((kind) => {
    const lines = directives.filter(({ name }) => name.text === kind.name);
    if (!kind.repeats) attempt(() => refuseRepeat(directives, kind.name));
    const made = attempt(() => kind.setup(lines, scope)) ?? [];
    return made.map((make) => ({ name: kind.name, make }));
  });
  return {
    zones: keys.map(({ scheme, zone, port }) => ({ scheme, zone, port })),
    settings: attempt(() => readSettings(directives, path)) ?? readSettings([], path),
    needs: directives.flatMap(needsOfLine),
    plugins,
  };
}

function needsOfLine({ name, block = [] }: Directive): readonly ZoneNeed[] {
  if (name.text !== 'kubernetes') return [];
  return block.flatMap(({ name: option, args }): readonly ZoneNeed[] => {
    if (option.text === 'pods') return args[0]?.text === 'verified' ? ['pods'] : [];
    return option.text === 'labels' || option.text === 'namespace_labels' ? ['labels'] : [];
  });
}

function refuseUnknown({ name }: Directive): void {
  const { text } = name;
  if (settingNames.includes(text) || pluginOrder.some((kind) => kind.name === text)) return;
  const instead = Object.hasOwn(absentDirectives, text) ? absentDirectives[text] : undefined;
  if (instead !== undefined) {
    throw corefileError(`${text} is not served by this version: ${instead}`, name.at);
  }
  throw corefileError(`unknown directive "${text}" (it is none of CoreDNS's either)`, name.at);
}

function refuseRepeat(directives: readonly Directive[], name: string): void {
  const [, second] = directives.filter((line) => line.name.text === name);
  if (second) throw corefileError(`${name} stands twice in this block: keep one`, second.name.at);
}

function pathsFrom(root: Directive | undefined): (text: string) => string {
  const folder = root ? oneArg(root, 'root FOLDER').text : '.';
  return (text) => (isAbsolute(text) ? text : resolve(folder, text));
}

/** Two blocks for one zone at one address: one of them would never be asked. */
function refuseDuplicates(
  plans: readonly { readonly block: ServerBlock; readonly plan: BlockPlan }[],
): void {
  const seen = new Map<string, ServerKey>();
  for (const { block, plan } of plans) {
    // Views tell blocks apart.
    if (plan.settings.view) continue;
    for (const key of block.keys) {
      for (const host of plan.settings.bind ?? ['']) {
        const id = `${key.scheme} ${host} ${key.port} ${formatName(key.zone)}`;
        const first = seen.get(id);
        if (first) {
          const { line } = first.token.at;
          throw corefileError(
            `${key.token.text} is served already by the block in line ${line}: join the two`,
            key.token.at,
          );
        }
        seen.set(id, key);
      }
    }
  }
}
