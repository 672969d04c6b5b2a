import {
  type Directive,
  expectArgs,
  nameOf,
  parsePrefix,
  reverseZonesOf,
  type Token,
  corefileError,
} from '../corefile/index.ts';
import { isWithin, type Name } from '../wire/index.ts';
import type { Handler, Plugin, PluginContext } from './plugin.ts';

/** What a directive may need to know of the block that it stands in. */
export interface BlockScope {
  /** Zones of the block, lower case. */
  readonly zones: readonly Name[];
  /** Every line of the block: some plugins lean on another one's. */
  readonly directives: readonly Directive[];
  /** Makes a path absolute: from `root`, else from the working directory. */
  readonly path: (text: string) => string;
}

/** Makes the plugin of one line, once its server block is started. */
export type PluginFactory = (context: PluginContext) => Plugin;

/** A plugin as the Corefile knows it. */
export interface PluginKind {
  readonly name: string;
  /** A block may hold several of its lines. */
  readonly repeats: boolean;
  /** Its options, as the documentation lists them. */
  readonly options: readonly string[];
  /** Reads its lines in one block. @throws ConfigError `BadCorefile` */
  setup(lines: readonly Directive[], scope: BlockScope): readonly PluginFactory[];
}

/** A plugin whose every line is one link of the chain. */
export function pluginKind<Config>(kind: {
  readonly name: string;
  readonly repeats?: boolean;
  readonly options?: readonly string[];
  readonly parse: (line: Directive, scope: BlockScope) => Config;
  readonly create: (config: Config, context: PluginContext) => Plugin;
}): PluginKind {
  const { name, repeats = false, options = [], parse, create } = kind;
  return {
    name,
    repeats,
    options,
    setup: (lines, scope) =>
      lines.map((line) => {
        const config = parse(line, scope);
        return (context) => create(config, context);
      }),
  };
}

/** A plugin that has nothing open. */
export function plainPlugin(
  name: string,
  handle: Handler,
  { repeatable = false }: { readonly repeatable?: boolean } = {},
): Plugin {
  return { name, handle, repeatable, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** `[ZONES…]`: those written, reverse zones also as CIDRs; none: those of the block. */
export function zonesOf(args: readonly Token[], scope: BlockScope): readonly Name[] {
  return args.length === 0 ? scope.zones : args.flatMap(zonesOfToken);
}

/** A name, or the reverse zones of a CIDR. @throws ConfigError */
export function zonesOfToken(token: Token): readonly Name[] {
  if (!token.text.includes('/')) return [nameOf(token)];
  const prefix = parsePrefix(token.text);
  if (!prefix) throw corefileError(`"${token.text}" is neither a zone nor a CIDR`, token.at);
  return reverseZonesOf(prefix);
}

/** The longest of `zones` that holds the name; undefined: none does. */
export function closestZone(zones: readonly Name[], lower: Name): Name | undefined {
  let best: Name | undefined;
  for (const zone of zones) {
    if ((best === undefined || zone.length > best.length) && isWithin(lower, zone)) best = zone;
  }
  return best;
}

/** Zones in which names unknown to a plugin go on down the chain. Empty: nowhere. */
export type Fallthrough = readonly Name[];

/** `fallthrough [ZONES…]`; none named: all. */
export function readFallthrough(line: Directive): Fallthrough {
  expectArgs(line, 0, 100, 'fallthrough [ZONES...]');
  return line.args.length === 0 ? [[]] : line.args.flatMap(zonesOfToken);
}

/** True when the rest of the chain may know this name. */
export function fallsThrough(zones: Fallthrough, lower: Name): boolean {
  return zones.some((zone) => isWithin(lower, zone));
}
