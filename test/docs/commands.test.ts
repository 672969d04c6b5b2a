import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArguments } from '../../bench/arguments.ts';
import type { Bench } from '../../bench/bench.ts';
import { checkTools, kernelTools } from '../../daemon/check/index.ts';
import { askDaemon } from '../../daemon/cli/admin-client.ts';
import { runShortCommand } from '../../daemon/cli/index.ts';
import { commands } from '../../daemon/config/commands.ts';
import { type Command, parseCommandLine } from '../../daemon/config/index.ts';
import { Paper } from '../daemon/cli/paper.ts';
import { ingressManifest, serviceManifest, startBackends } from '../daemon/backend.ts';
import { ManifestFolder, type RunningDaemon, startDaemon } from '../daemon/harness.ts';
import { root, type TypedCommand, typedCommands } from './pages.ts';

const typed: readonly TypedCommand[] = [
  ...typedCommands(),
  ...commands.flatMap(({ name, examples }) =>
    examples.map((text) => ({ at: `help ${name}`, text })),
  ),
];

/** The arguments of `portolan`, however it is called; undefined: it is something else. */
function portolanArguments(text: string): readonly string[] | undefined {
  const called = /(?:^|\| )(?:npm run -s portolan --|portolan)(?: (?<rest>[^|>&;]*))?/.exec(text);
  if (!called) return undefined;
  const words = (called.groups?.['rest'] ?? '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return Array.from(words, ([, single, double, bare]) => single ?? double ?? bare ?? '');
}

describe('every portolan command of the manual is one', () => {
  for (const { at, text } of typed) {
    const args = portolanArguments(text);
    if (args) test(`${at}: ${text}`, () => void parseCommandLine(args));
  }
});

describe('every benchmark of the manual is one', async () => {
  const names = globSync('bench/*/index.ts', { cwd: root }).map((path) => dirname(path));
  const known = new Map<string, readonly string[]>();
  for (const name of names) {
    const { bench } = (await import(`${root}/${name}/index.ts`)) as { readonly bench: Bench };
    known.set(bench.name, bench.cases ?? []);
  }
  for (const { at, text } of typed) {
    const rest = /npm run bench --? ?(?<rest>.*)$/.exec(text)?.groups?.['rest'];
    if (rest) test(`${at}: ${text}`, () => void readArguments(rest.split(/\s+/), known));
  }
});

test('every script of the manual is in package.json', async () => {
  const { default: manifest } = (await import(`${root}/package.json`, {
    with: { type: 'json' },
  })) as { readonly default: { readonly scripts: Readonly<Record<string, string>> } };
  const asked = typed.flatMap(({ text }) => {
    const script = /npm (?:run (?:-s )?(?<name>[\w:-]+)|(?<short>start|test))/.exec(text)?.groups;
    return script?.['name'] ?? script?.['short'] ?? [];
  });
  deepEqual(
    [...new Set(asked)].filter((name) => !(name in manifest.scripts)),
    [],
  );
});

/** What the manual's examples ask a daemon about is there, so that they work as they stand. */
describe('questions to a daemon are answered', () => {
  let daemon: RunningDaemon;
  let stop: (() => Promise<void>) | undefined;
  before(async () => {
    const hooks: (() => unknown)[] = [];
    const context = { after: (hook: () => unknown) => hooks.push(hook) } as unknown as Parameters<
      typeof startDaemon
    >[0];
    stop = async () => {
      for (const hook of hooks.toReversed()) await hook();
    };
    const backends = await startBackends(context, 'one', 'two');
    const folder = new ManifestFolder(context);
    for (const namespace of ['default', 'shop']) {
      const service = serviceManifest('web', backends);
      const hosts = ['shop.localhost', 'web.localhost', 'shop.example', 'HOST'].map(
        (host) => [host.toLowerCase(), '/', 'web'] as const,
      );
      const ingress = ingressManifest('shop', namespace === 'shop' ? [] : hosts);
      const place = (text: string): string =>
        text.replaceAll(/^metadata:$/gm, `metadata:\n  namespace: ${namespace}`);
      folder.write(`${namespace}-web.yaml`, place(service));
      if (namespace === 'default') folder.write('ingress.yaml', place(ingress));
    }
    daemon = await startDaemon(context, folder);
  });
  after(async () => await stop?.());

  for (const { at, text } of typed) {
    const args = portolanArguments(text);
    if (!args || !isQuestion(args)) continue;
    test(`${at}: ${text}`, async () => {
      const command = parseCommandLine(args);
      const [host = '', port = ''] = (daemon.addresses['admin'] ?? '').split(':');
      const here = { ...command, admin: { host, port: Number(port) } } as Exclude<
        Command,
        { kind: 'up' }
      >;
      const paper = new Paper();
      const status = await runShortCommand(here, {
        check: checkTools,
        kernel: kernelTools,
        printer: paper,
        ask: askDaemon,
      });
      // 1 is an answer too: nothing by that name. What may not be is a misunderstanding.
      ok(
        status === 0 || !/is no |cannot be|must be|did not answer/.test(paper.errors),
        paper.errors,
      );
      equal(paper.output + paper.errors === '', false);
    });
  }
});

/** Ends by itself and changes nothing. */
function isQuestion(args: readonly string[]): boolean {
  const [name = ''] = args;
  if (name === 'top') return args.includes('--count');
  const readsFiles = name === 'check' || name === 'plan' || name === 'migrate';
  if (readsFiles) return args.slice(1).some((path) => existsSync(`${root}/${path}`));
  return ['get', 'describe', 'trace', 'explain', 'version', 'help'].includes(name);
}
