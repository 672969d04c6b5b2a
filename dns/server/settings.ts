import { networkInterfaces } from 'node:os';
import {
  choiceOf,
  corefileError,
  type Directive,
  durationOf,
  expectArgs,
  expectNoBlock,
  integerOf,
  oneArg,
  readOptions,
  type Token,
} from '../corefile/index.ts';
import { type Condition, parseCondition } from '../expression/index.ts';
import { patternOf } from '../plugins/pattern.ts';
import { canonicalAddress } from '../wire/index.ts';

/** Where a probe or metrics server listens; without a host: where DNS does. */
export interface HttpAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** How long clients of a stream may take. */
export interface StreamTimeouts {
  /** Until the first query. */
  readonly readMs: number;
  readonly writeMs: number;
  /** Between queries. */
  readonly idleMs: number;
  /** Queries of one connection; undefined: no limit. */
  readonly maxQueries?: number;
}

/** Whether clients must show a certificate, and whether it must be good. */
export const clientAuths = [
  'nocert',
  'request',
  'require',
  'verify_if_given',
  'require_and_verify',
] as const;
export type ClientAuth = (typeof clientAuths)[number];

/** The lines of a block that set up the server instead of answering. */
export interface BlockSettings {
  /** Undefined: where the daemon is told to listen. */
  readonly bind: readonly string[] | undefined;
  readonly tls:
    | {
        readonly certFile: string;
        readonly keyFile: string;
        readonly caFile: string | undefined;
        readonly clientAuth: ClientAuth;
      }
    | undefined;
  readonly timeouts: StreamTimeouts;
  /** Queries that it does not let in go to the next block for the zone; undefined: all are let in. */
  readonly view: { readonly name: string; readonly conditions: readonly Condition[] } | undefined;
  readonly health: (HttpAddress & { readonly lameduckMs: number }) | undefined;
  readonly ready: HttpAddress | undefined;
  readonly prometheus: HttpAddress | undefined;
  readonly reload: { readonly intervalMs: number; readonly jitterMs: number } | undefined;
}

/** RFC 7766 §6.2.3 leaves them open; these are CoreDNS's. */
export const defaultTimeouts: StreamTimeouts = { readMs: 3000, writeMs: 5000, idleMs: 10_000 };

const defaultSettings: BlockSettings = {
  bind: undefined,
  tls: undefined,
  timeouts: defaultTimeouts,
  view: undefined,
  health: undefined,
  ready: undefined,
  prometheus: undefined,
  reload: undefined,
};

type Reader = (
  line: Directive,
  path: (text: string) => string,
  settings: BlockSettings,
) => Partial<BlockSettings>;

const readers: Readonly<Record<string, Reader>> = {
  // Where relative paths start; read before anything else.
  root: () => ({}),
  bind: readBind,
  tls: readTls,
  timeouts: readTimeouts,
  view: readView,
  health: readHealth,
  ready: readReady,
  prometheus: (line) => ({ prometheus: httpAddress(line, 9153, 'prometheus [ADDR]') }),
  reload: readReload,
  // Nothing to set: faults are always logged, workers always share their sockets, and there is no
  // metadata to gather or profile to serve.
  debug: () => ({}),
  multisocket: () => ({}),
  metadata: () => ({}),
  pprof: () => ({}),
};

/** Names of the directives that are settings. */
export const settingNames: readonly string[] = Object.keys(readers);

/** Reads the settings among the lines of a block. @throws ConfigError */
export function readSettings(
  lines: readonly Directive[],
  path: (text: string) => string,
): BlockSettings {
  let settings = defaultSettings;
  for (const line of lines) {
    const { text } = line.name;
    if (Object.hasOwn(readers, text))
      settings = { ...settings, ...readers[text]?.(line, path, settings) };
  }
  return settings;
}

function readBind(line: Directive): Partial<BlockSettings> {
  expectArgs(line, 1, 100, 'bind ADDRESS|INTERFACE...');
  const excepted = new Set<string>();
  readOptions(line, {
    except: (one) => {
      for (const token of one.args) for (const address of addressesOf(token)) excepted.add(address);
    },
  });
  const bind = line.args.flatMap(addressesOf).filter((address) => !excepted.has(address));
  if (bind.length === 0) throw corefileError('no address is left to bind', line.name.at);
  return { bind: [...new Set(bind)] };
}

/** An address, or those of an interface now. */
function addressesOf(token: Token): readonly string[] {
  const address = canonicalAddress(token.text);
  if (address !== undefined) return [address];
  const found = networkInterfaces()[token.text];
  if (!found) throw corefileError(`"${token.text}" is no address and no interface`, token.at);
  return found.map((one) => one.address).filter((one) => !one.startsWith('fe80:'));
}

function readTls(line: Directive, path: (text: string) => string): Partial<BlockSettings> {
  expectArgs(line, 2, 3, 'tls CERT KEY [CA]');
  const [cert, key, ca] = line.args;
  let clientAuth: ClientAuth = 'nocert';
  readOptions(line, {
    client_auth: (one) => {
      clientAuth = choiceOf(oneArg(one, `client_auth ${clientAuths.join('|')}`), clientAuths);
    },
  });
  if (!cert || !key) return {};
  return {
    tls: {
      certFile: path(cert.text),
      keyFile: path(key.text),
      caFile: ca && path(ca.text),
      clientAuth,
    },
  };
}

/** Several lines in a block must all let a query in. */
function readView(
  line: Directive,
  _path: unknown,
  settings: BlockSettings,
): Partial<BlockSettings> {
  const name = oneArg({ ...line, block: undefined }, 'view NAME').text;
  const conditions: Condition[] = [...(settings.view?.conditions ?? [])];
  readOptions(line, {
    expr: (one) => {
      expectArgs(one, 1, 1000, 'expr EXPRESSION');
      conditions.push(conditionOf(one));
    },
  });
  return { view: { name, conditions } };
}

function conditionOf({ args, name }: Directive): Condition {
  const text = args.map((token) => token.text).join(' ');
  try {
    return parseCondition(text, (source) => patternOf({ ...name, text: source }));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw corefileError(error.message, name.at);
  }
}

function readTimeouts(line: Directive): Partial<BlockSettings> {
  expectArgs(line, 0, 0, 'timeouts');
  const timeouts = { ...defaultTimeouts };
  let maxQueries: number | undefined;
  const day = 86_400_000;
  readOptions(line, {
    read: (one) => {
      timeouts.readMs = durationOf(oneArg(one, 'read DURATION'), 1000, day);
    },
    write: (one) => {
      timeouts.writeMs = durationOf(oneArg(one, 'write DURATION'), 1000, day);
    },
    idle: (one) => {
      timeouts.idleMs = durationOf(oneArg(one, 'idle DURATION'), 1000, day);
    },
    maxtcpqueries: (one) => {
      const token = oneArg(one, 'maxtcpqueries NUMBER');
      if (token.text !== '-1') maxQueries = integerOf(token, 1, 1_000_000);
    },
  });
  return { timeouts: maxQueries === undefined ? timeouts : { ...timeouts, maxQueries } };
}

function readHealth(line: Directive): Partial<BlockSettings> {
  let lameduckMs = 0;
  const { name, args } = line;
  readOptions(line, {
    lameduck: (one) => {
      lameduckMs = durationOf(oneArg(one, 'lameduck DURATION'));
    },
  });
  const address = httpAddress({ name, args, block: undefined }, 8080, 'health [ADDR]');
  return { health: { ...address, lameduckMs } };
}

function readReady(line: Directive): Partial<BlockSettings> {
  readOptions(line, {
    monitor: (one) =>
      void choiceOf(oneArg(one, 'monitor until-ready|continuously'), [
        'until-ready',
        'continuously',
      ]),
  });
  return { ready: httpAddress({ ...line, block: undefined }, 8181, 'ready [ADDR]') };
}

/** `[HOST]:PORT`. */
function httpAddress(line: Directive, port: number, usage: string): HttpAddress {
  expectArgs(line, 0, 1, usage);
  expectNoBlock(line);
  const [token] = line.args;
  if (!token) return { host: undefined, port };
  const [, hostText, portText] = /^(.*):(\d{1,5})$/.exec(token.text) ?? [];
  const bare = (hostText ?? '').replace(/^\[(.*)\]$/, '$1').replace(/^localhost$/, '127.0.0.1');
  const host = bare === '' ? undefined : canonicalAddress(bare);
  if (portText === undefined || Number(portText) > 65535 || (bare !== '' && host === undefined)) {
    throw corefileError(
      `"${token.text}" is no address: write :${port} or 127.0.0.1:${port}`,
      token.at,
    );
  }
  return { host, port: Number(portText) };
}

function readReload(line: Directive): Partial<BlockSettings> {
  expectArgs(line, 0, 2, 'reload [INTERVAL] [JITTER]');
  expectNoBlock(line);
  const [interval, jitter] = line.args;
  const intervalMs = interval ? durationOf(interval, 2000) : 30_000;
  const wantedMs = jitter ? durationOf(jitter) : 15_000;
  return { reload: { intervalMs, jitterMs: Math.min(wantedMs, intervalMs / 2) } };
}
