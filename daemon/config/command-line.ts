import { ConfigError } from '../../controller/base/index.ts';
import { connect, type HostPort } from './address.ts';
import { type Arguments, type FlagSyntax, readArguments } from './arguments.ts';
import { assign } from './assign.ts';
import { closest } from './closest.ts';
import { type CommandInfo, type CommandName, commands, helpFlag } from './commands.ts';
import { defaultAdmin, defaultDataDir, type Settings } from './configuration.ts';
import { optionNames, schema } from './schema.ts';

/** What the user asked for, fully understood. */
export type Command =
  | {
      readonly kind: 'up';
      /** What flags say; the configuration file fills in what they leave open. */
      readonly settings: Settings;
      readonly configFile: string | undefined;
    }
  | {
      readonly kind: 'check';
      /** Never empty; `-` is standard input. */
      readonly paths: readonly string[];
      readonly output: 'text' | 'json';
    }
  | {
      readonly kind: 'plan';
      /** Never empty; `-` is standard input. */
      readonly paths: readonly string[];
      readonly mode: 'nftables' | 'iptables';
    }
  /** Of the proxy of that name; undefined: of the one without. */
  | { readonly kind: 'cleanup'; readonly serviceProxyName: string | undefined }
  | { readonly kind: 'backup'; readonly to: string; readonly dataDir: string }
  | {
      readonly kind: 'get';
      /** As written: the daemon knows the resources. */
      readonly resource: string;
      readonly name: string | undefined;
      readonly scope: Scope;
      readonly output: 'table' | 'wide' | 'json' | 'yaml';
      readonly admin: HostPort;
    }
  | {
      readonly kind: 'describe';
      readonly resource: string;
      readonly name: string;
      readonly namespace: string;
      readonly admin: HostPort;
    }
  | {
      readonly kind: 'trace';
      /** As written: the daemon understands it. */
      readonly target: string;
      /** Of Services named without one. */
      readonly namespace: string;
      readonly from: string | undefined;
      readonly method: string;
      /** `Name:value` each. */
      readonly headers: readonly string[];
      readonly live: boolean;
      readonly output: 'text' | 'json';
      readonly admin: HostPort;
    }
  | {
      readonly kind: 'top';
      /** Samples to print; undefined: until interrupted. */
      readonly count: number | undefined;
      readonly rows: number;
      readonly admin: HostPort;
    }
  | {
      readonly kind: 'explain';
      /** A name or an address. */
      readonly name: string;
      readonly type: string | undefined;
      readonly client: string | undefined;
      readonly admin: HostPort;
    }
  | {
      readonly kind: 'migrate';
      readonly from: 'keepalived' | 'ingress-nginx';
      /** Never empty; `-` is standard input. */
      readonly paths: readonly string[];
    }
  | { readonly kind: 'version'; readonly output: 'text' | 'json' }
  /** `topic` undefined: the overview. */
  | { readonly kind: 'help'; readonly topic: CommandName | undefined };

/** Where `get` looks. */
export type Scope =
  /** Nothing was said: `default`, or everywhere for what is asked of the daemon as a whole. */
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'everywhere' };

/**
 * Understands the arguments after `portolan`. `-h` and `--help` win over everything else.
 * @throws ConfigError with one line that says what to write instead; the exit status is then 2
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === '-h' || name === '--help') {
    return { kind: 'help', topic: undefined };
  }
  if (name === '--version') return { kind: 'version', output: 'text' };
  const info = commandNamed(name);
  if (wantsHelp(rest)) return { kind: 'help', topic: info.name === 'help' ? undefined : info.name };
  const given = readArguments(rest, flagsOf(info));
  switch (info.name) {
    case 'up':
      return up(given);
    case 'check':
      return check(given);
    case 'plan':
      return plan(given);
    case 'backup':
      return backup(given, info);
    case 'cleanup':
      refuseMore(given, 1, info);
      return { kind: 'cleanup', serviceProxyName: given.positionals[0] };
    case 'get':
      return get(given);
    case 'describe':
      return describe(given);
    case 'trace':
      return trace(given);
    case 'top':
      refuseMore(given, 0, info);
      return {
        kind: 'top',
        count: numberOf(given, 'count'),
        rows: numberOf(given, 'rows') ?? 20,
        admin: adminOf(given),
      };
    case 'explain':
      refuseMore(given, 2, info);
      return explain(given);
    case 'migrate':
      return migrate(given);
    case 'version':
      refuseMore(given, 0, info);
      return { kind: 'version', output: oneOf(given, ['text', 'json']) ?? 'text' };
    case 'help': {
      refuseMore(given, 1, info);
      const [topic] = given.positionals;
      return { kind: 'help', topic: topic === undefined ? undefined : commandNamed(topic).name };
    }
  }
}

function commandNamed(name: string): CommandInfo {
  const info = commands.find((one) => one.name === name);
  if (info) return info;
  const names = commands.map((one) => one.name);
  const near = closest(name, names);
  const instead = near === undefined ? `write one of ${names.join(', ')}` : `did you mean ${near}?`;
  throw new ConfigError('UnknownCommand', `${JSON.stringify(name)} is no command: ${instead}`);
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv
    .slice(0, end === -1 ? undefined : end)
    .some((one) => one === '-h' || one === '--help');
}

/** The flags of a command, for the parser. */
function flagsOf(info: CommandInfo): readonly FlagSyntax[] {
  const own = [...info.flags, helpFlag].map((flag) => ({
    name: flag.name,
    short: flag.short,
    takesValue: flag.placeholder !== undefined,
  }));
  if (!info.takesSettings) return own;
  const settings = optionNames.flatMap((option) => {
    const { flag, short } = schema[option];
    return flag === undefined ? [] : [{ name: flag, short, takesValue: true }];
  });
  return [...own, ...settings];
}

function up(given: Arguments): Command {
  const [stray] = given.positionals;
  if (stray !== undefined) {
    const message = `portolan up takes no ${JSON.stringify(stray)}: write -f ${stray} for a manifest file or folder`;
    throw new ConfigError('UnexpectedArgument', message);
  }
  const settings: Settings = {};
  for (const name of optionNames) {
    const { flag } = schema[name];
    const texts = flag === undefined ? undefined : given.values.get(flag);
    if (texts === undefined) continue;
    const parsed = assign(settings, name, texts);
    if (parsed.kind === 'refused') throw badValue(`--${flag}`, parsed.message, parsed.instead);
  }
  return { kind: 'up', settings, configFile: given.values.get('config')?.at(-1) };
}

function check(given: Arguments): Command {
  const output = oneOf(given, ['text', 'json']) ?? 'text';
  if (given.positionals.length > 0) return { kind: 'check', paths: given.positionals, output };
  const message = 'portolan check needs a path: write portolan check PATH ...';
  throw new ConfigError('MissingArgument', message);
}

function plan(given: Arguments): Command {
  const mode = oneOf(given, ['nftables', 'iptables']) ?? 'nftables';
  if (given.positionals.length > 0) return { kind: 'plan', paths: given.positionals, mode };
  const message = 'portolan plan needs a path: write portolan plan PATH ...';
  throw new ConfigError('MissingArgument', message);
}

function get(given: Arguments): Command {
  const { resource, name } = objectArguments(given, 'get');
  if (resource === undefined) {
    const message = 'portolan get needs a resource: write portolan get services, or another one';
    throw new ConfigError('MissingArgument', message);
  }
  const everywhere = given.values.get('all-namespaces')?.at(-1) === 'true';
  if (everywhere && name !== undefined) {
    const message =
      'portolan get takes a name or every namespace: write -n NAMESPACE in place of -A';
    throw new ConfigError('UnexpectedArgument', message);
  }
  return {
    kind: 'get',
    resource,
    name,
    scope: everywhere ? { kind: 'everywhere' } : scopeOf(given),
    output: oneOf(given, ['wide', 'json', 'yaml']) ?? 'table',
    admin: adminOf(given),
  };
}

function describe(given: Arguments): Command {
  const { resource, name } = objectArguments(given, 'describe');
  if (resource === undefined || name === undefined) {
    const message =
      'portolan describe needs a resource and a name: write portolan describe service NAME';
    throw new ConfigError('MissingArgument', message);
  }
  return { kind: 'describe', resource, name, namespace: namespaceOf(given), admin: adminOf(given) };
}

function trace(given: Arguments): Command {
  if (given.positionals.length === 0) {
    const message = 'portolan trace needs a target: write portolan trace URL, or SERVICE:PORT';
    throw new ConfigError('MissingArgument', message);
  }
  const last = (flag: string): string | undefined => given.values.get(flag)?.at(-1);
  const headers = given.values.get('header') ?? [];
  const bad = headers.find((one) => one.indexOf(':') < 1);
  if (bad !== undefined) {
    throw badValue('--header', `${JSON.stringify(bad)} has no colon`, 'NAME:VALUE');
  }
  return {
    kind: 'trace',
    target: given.positionals.join(' '),
    namespace: namespaceOf(given),
    from: last('from'),
    method: last('method') ?? 'GET',
    headers,
    live: last('live') === 'true',
    output: oneOf(given, ['text', 'json']) ?? 'text',
    admin: adminOf(given),
  };
}

function migrate(given: Arguments): Command {
  const [from, ...paths] = given.positionals;
  if (from !== 'keepalived' && from !== 'ingress-nginx') {
    const message = `portolan migrate takes no ${JSON.stringify(from ?? '')}: write portolan migrate keepalived FILE, or portolan migrate ingress-nginx PATH`;
    throw new ConfigError('UnexpectedArgument', message);
  }
  if (paths.length > 0) return { kind: 'migrate', from, paths };
  const message = `portolan migrate needs a file: write portolan migrate ${from} FILE`;
  throw new ConfigError('MissingArgument', message);
}

function numberOf(given: Arguments, flag: string): number | undefined {
  const text = given.values.get(flag)?.at(-1);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw badValue(`--${flag}`, `${JSON.stringify(text)} is no number`, '1 or more');
}

function explain(given: Arguments): Command {
  const [name, type] = given.positionals;
  if (name === undefined) {
    const message =
      'portolan explain needs a name: write portolan explain web.shop.svc.cluster.local';
    throw new ConfigError('MissingArgument', message);
  }
  const client = given.values.get('client')?.at(-1);
  return { kind: 'explain', name, type, client, admin: adminOf(given) };
}

/** `RESOURCE [NAME]` or `RESOURCE/NAME`. */
function objectArguments(
  given: Arguments,
  command: 'get' | 'describe',
): { readonly resource: string | undefined; readonly name: string | undefined } {
  const parts = given.positionals.flatMap((one, index) => (index === 0 ? one.split('/') : [one]));
  const [resource, name, stray] = parts;
  if (stray !== undefined) {
    const message = `portolan ${command} takes one resource and one name: leave out ${JSON.stringify(stray)}`;
    throw new ConfigError('UnexpectedArgument', message);
  }
  return { resource: resource === '' ? undefined : resource, name: name === '' ? undefined : name };
}

function backup(given: Arguments, info: CommandInfo): Command {
  refuseMore(given, 1, info);
  const [to] = given.positionals;
  if (to === undefined) {
    const message = 'portolan backup needs a file to write: write portolan backup FILE';
    throw new ConfigError('MissingArgument', message);
  }
  return { kind: 'backup', to, dataDir: given.values.get('data-dir')?.at(-1) ?? defaultDataDir };
}

function refuseMore(given: Arguments, most: number, info: CommandInfo): void {
  const stray = given.positionals[most];
  if (stray === undefined) return;
  const message = `portolan ${info.name} takes no ${JSON.stringify(stray)}: write ${info.usage}`;
  throw new ConfigError('UnexpectedArgument', message);
}

function scopeOf(given: Arguments): Scope {
  const namespace = given.values.get('namespace')?.at(-1);
  return namespace === undefined ? { kind: 'unsaid' } : { kind: 'namespace', namespace };
}

function namespaceOf(given: Arguments): string {
  return given.values.get('namespace')?.at(-1) ?? 'default';
}

function adminOf(given: Arguments): HostPort {
  const texts = given.values.get('admin');
  if (texts === undefined) return defaultAdmin;
  const parsed = connect.parse(texts);
  if (parsed.kind === 'refused') throw badValue('--admin', parsed.message, parsed.instead);
  return parsed.value;
}

function oneOf<const T extends string>(given: Arguments, forms: readonly T[]): T | undefined {
  const text = given.values.get('output')?.at(-1);
  if (text === undefined) return undefined;
  const form = forms.find((one) => one === text);
  if (form !== undefined) return form;
  throw badValue('--output', `${JSON.stringify(text)} is no form of output`, forms.join(' or '));
}

function badValue(flag: string, message: string, instead: string): ConfigError {
  return new ConfigError('InvalidFlag', `${flag}: ${message}: write ${instead}`);
}
