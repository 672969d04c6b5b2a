import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Clock, silentLog, systemClock } from '../../../../controller/base/index.ts';
import type { Pod, Service } from '../../../../controller/objects/index.ts';
import {
  type ManifestSource,
  startManifestSource,
} from '../../../../controller/sources/manifests/index.ts';
import { createMemoryStore, type Store } from '../../../../controller/store/index.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

const service = (name: string, port = 80, extra = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${extra}spec:\n  ports:\n    - port: ${port}\n`;
const pod = (phase: string, label: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {x: ${label}}\nspec:\n  containers: [{name: a}]\nstatus:\n  phase: ${phase}\n`;

/** Far beyond what anything here takes; only a failure waits so long. */
const deadlineMs = 10_000;

/** A source on a folder of its own, and ways to wait for what it does. */
class Rig implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'portolan-source-'));
  readonly store: Store = createMemoryStore({ clock: systemClock });
  readonly problems = new ProblemBook();
  readonly meter = new MemoryMeter();
  #source: ManifestSource | undefined;
  readonly #waiting = new Set<() => void>();

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  async start(
    paths: readonly string[] = [this.folder],
    clock: Clock = systemClock,
  ): Promise<ManifestSource> {
    const source = startManifestSource({
      paths,
      store: this.store,
      problems: {
        replace: (from, problems) => {
          this.problems.replace(from, problems);
          this.#look();
        },
      },
      log: silentLog,
      clock,
      meter: this.meter,
    });
    this.#source = source;
    this.store.watch({}, () => this.#look());
    await source.ready();
    return source;
  }

  /** Resolves once `holds`, looked at after each event of the store and each report. */
  until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(`waited in vain until ${what}; problems: ${this.problems.reasons.join()}`),
          ),
        deadlineMs,
      );
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Ports of the Services, by name: `a:80 b:81`. */
  get services(): string {
    const { items } = this.store.list('Service');
    return items
      .map((one) => `${one.metadata.name}:${one.spec?.ports?.[0]?.port}`)
      .toSorted()
      .join(' ');
  }

  untilServices(expected: string): Promise<void> {
    return this.until(`services are "${expected}"`, () => this.services === expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}

function rig(t: TestContext): Rig {
  const made = new Rig();
  t.after(() => made[Symbol.asyncDispose]());
  return made;
}

test('loads a folder, and makes the namespaces that objects mention', async (t) => {
  const here = rig(t);
  here.write('a.yaml', service('a', 80, '  namespace: shop\n'));
  mkdirSync(here.path('sub'));
  here.write(
    'sub/b.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }),
  );
  const source = await here.start();
  equal(here.services, 'a:80');
  deepEqual(
    here.store
      .list('Namespace')
      .items.map(({ metadata }) => metadata.name)
      .toSorted(),
    ['default', 'shop'],
  );
  deepEqual(
    source.locate({ kind: 'Service', namespace: 'shop', name: 'a', field: 'spec.ports[0].port' }),
    {
      file: here.path('a.yaml'),
      line: 8,
      column: 13,
    },
  );
  equal(here.meter.values.get('portolan_manifest_objects'), 2);
});

// Each way in which programs change a file.
const edits: readonly (readonly [string, (here: Rig) => void])[] = [
  ['in place', (here) => here.write('a.yaml', service('a', 81))],
  [
    'by rename',
    (here) => {
      here.write('.a.yaml.swp', service('a', 81));
      renameSync(here.path('.a.yaml.swp'), here.path('a.yaml'));
    },
  ],
  [
    'by removal and rename, as vim with a backup',
    (here) => {
      renameSync(here.path('a.yaml'), here.path('a.yaml~'));
      here.write('a.yaml', service('a', 81));
      unlinkSync(here.path('a.yaml~'));
    },
  ],
  [
    'in two halves',
    (here) => {
      const text = service('a', 81);
      here.write('a.yaml', text.slice(0, 30));
      appendFileSync(here.path('a.yaml'), text.slice(30));
    },
  ],
  [
    'in another file',
    (here) => {
      here.write('c.yaml', service('a', 81));
      unlinkSync(here.path('a.yaml'));
    },
  ],
];
for (const [name, edit] of edits) {
  test(`follows an edit ${name}, and deletes nothing meanwhile`, async (t) => {
    const here = rig(t);
    here.write('a.yaml', service('a', 80));
    here.write('b.yaml', service('b', 80));
    await here.start();
    const types: string[] = [];
    here.store.watch({ kinds: ['Service'] }, (events) =>
      types.push(...events.map(({ type }) => type)),
    );
    edit(here);
    await here.untilServices('a:81 b:80');
    ok(!types.includes('DELETED'), types.join());
  });
}

test('new files and new folders are found', async (t) => {
  const here = rig(t);
  await here.start();
  here.write('a.yaml', service('a'));
  await here.untilServices('a:80');
  mkdirSync(here.path('x/y'), { recursive: true });
  here.write('x/y/b.yaml', service('b'));
  await here.untilServices('a:80 b:80');
  here.write('x/y/b.yaml', service('b', 81));
  await here.untilServices('a:80 b:81');
});

test('an object that leaves its file, and a file that is deleted, take their objects along', async (t) => {
  const here = rig(t);
  here.write('a.yaml', `${service('a')}---\n${service('b', 80, '  namespace: shop\n')}`);
  here.write('c.yaml', service('c'));
  await here.start();
  await here.store.create<'Service'>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'foreign', namespace: 'default' },
    spec: { ports: [{ port: 1 }] },
  });
  here.write('a.yaml', service('a'));
  await here.untilServices('a:80 c:80 foreign:1');
  await here.until(
    'the namespace is gone',
    () => here.store.get('Namespace', '', 'shop') === undefined,
  );
  unlinkSync(here.path('c.yaml'));
  await here.untilServices('a:80 foreign:1');
});

test('a truncated file deletes nothing until it has been quiet', async (t) => {
  const here = rig(t);
  here.write('a.yaml', `${service('a')}---\n${service('b')}`);
  // Timers fire, but no time passes, so that this test can't be too slow for the quiet time.
  await here.start([here.folder], { ...systemClock, nowMs: () => 0 });
  let deleted = 0;
  here.store.watch({ kinds: ['Service'] }, (events) => {
    deleted += events.filter(({ type }) => type === 'DELETED').length;
  });
  here.write('a.yaml', '');
  here.write('z.yaml', service('z'));
  // By now the source has seen the empty file, too.
  await here.untilServices('a:80 b:80 z:80');
  here.write('a.yaml', `${service('a')}---\n${service('b', 81)}`);
  await here.untilServices('a:80 b:81 z:80');
  equal(deleted, 0);
});

// [what it is, the broken text, its problem]: the good part is applied, the broken one stays.
const breaks: readonly (readonly [string, string, string, string])[] = [
  ['broken YAML', `${service('a', 81)}---\nkind: [\n`, 'InvalidYAML', 'a:81 b:80'],
  ['a refused object', `${service('a', 81)}---\n${service('b', 0)}`, 'InvalidField', 'a:81 b:80'],
  [
    'a refused object without a name',
    `${service('a', 81)}---\n${service('""')}`,
    'MissingField',
    'a:81 b:80',
  ],
];
for (const [name, text, reason, expected] of breaks) {
  test(`${name} leaves the last good version in force until mended`, async (t) => {
    const here = rig(t);
    here.write('a.yaml', `${service('a')}---\n${service('b')}`);
    await here.start();
    here.write('a.yaml', text);
    await here.until('the problem is reported', () => here.problems.reasons.includes(reason));
    await here.untilServices(expected);
    equal(here.problems.all[0]?.at?.file, here.path('a.yaml'));
    here.write('a.yaml', service('a', 82));
    await here.untilServices('a:82');
    await here.until('nothing is wrong', () => here.problems.all.length === 0);
  });
}

test('a folder that vanishes leaves its objects in force, and is followed when back', async (t) => {
  const here = rig(t);
  const folder = here.path('manifests');
  mkdirSync(folder);
  here.write('manifests/a.yaml', service('a'));
  here.write('manifests/b.yaml', service('b'));
  await here.start([folder]);
  rmSync(folder, { recursive: true });
  await here.until('that is reported', () => here.problems.reasons.includes('ManifestFolderGone'));
  equal(here.services, 'a:80 b:80');
  mkdirSync(folder);
  here.write('manifests/a.yaml', service('a', 81));
  await here.untilServices('a:81');
  await here.until('nothing is wrong', () => here.problems.all.length === 0);
});

test('a folder that does not exist yet is taken when it comes', async (t) => {
  const here = rig(t);
  await here.start([here.path('later')]);
  deepEqual(here.problems.reasons, ['ManifestFolderGone']);
  mkdirSync(here.path('later'));
  here.write('later/a.yaml', service('a'));
  await here.untilServices('a:80');
});

test('a named file is followed through replacement, and its neighbours are not read', async (t) => {
  const here = rig(t);
  here.write('a.yaml', service('a'));
  here.write('b.yaml', service('b'));
  await here.start([here.path('a.yaml')]);
  equal(here.services, 'a:80');
  here.write('c.yaml', service('c'));
  here.write('a.new', service('a', 81));
  renameSync(here.path('a.new'), here.path('a.yaml'));
  await here.untilServices('a:81');
});

test('a mounted ConfigMap swaps all its files at once', async (t) => {
  const here = rig(t);
  const version = (name: string, port: number): void => {
    mkdirSync(here.path(name));
    here.write(`${name}/a.yaml`, service('a', port));
    here.write(`${name}/b.yaml`, service('b', port));
    symlinkSync(name, here.path('..data_tmp'));
    renameSync(here.path('..data_tmp'), here.path('..data'));
  };
  version('..2026_1', 80);
  symlinkSync('..data/a.yaml', here.path('a.yaml'));
  symlinkSync('..data/b.yaml', here.path('b.yaml'));
  await here.start();
  equal(here.services, 'a:80 b:80');
  version('..2026_2', 81);
  rmSync(here.path('..2026_1'), { recursive: true });
  await here.untilServices('a:81 b:81');
  deepEqual(here.problems.all, []);
});

test('of two definitions the first in path order counts, and the other takes over', async (t) => {
  const here = rig(t);
  here.write('a.yaml', service('a', 80));
  here.write('b.yaml', service('a', 81));
  await here.start();
  equal(here.services, 'a:80');
  equal(here.problems.all[0]?.at?.file, here.path('b.yaml'));
  unlinkSync(here.path('a.yaml'));
  await here.untilServices('a:81');
  await here.until('nothing is wrong', () => here.problems.all.length === 0);
});

test('status is written when the object is new and when the manifest changes it', async (t) => {
  const here = rig(t);
  here.write('a.yaml', pod('Running', 'one'));
  await here.start();
  const now = (): Pod | undefined => here.store.get('Pod', 'default', 'a');
  equal(now()?.status?.phase, 'Running');
  await here.store.updateStatus<'Pod'>({
    ...now(),
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'default' },
    status: { phase: 'Failed' },
  });
  here.write('a.yaml', pod('Running', 'two'));
  await here.until('the label is written', () => now()?.metadata.labels?.['x'] === 'two');
  equal(now()?.status?.phase, 'Failed');
  here.write('a.yaml', pod('Succeeded', 'two'));
  await here.until('the status is written', () => now()?.status?.phase === 'Succeeded');
});

test('what a reconciler allocated survives an edit', async (t) => {
  const here = rig(t);
  here.write('a.yaml', service('a'));
  await here.start();
  const now = (): Service | undefined => here.store.get('Service', 'default', 'a');
  const { spec, metadata } = now() ?? {};
  ok(metadata);
  await here.store.update<'Service'>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ...spec, clusterIP: '127.96.0.9', clusterIPs: ['127.96.0.9'] },
  });
  here.write('a.yaml', service('a', 81));
  await here.untilServices('a:81');
  equal(now()?.spec?.clusterIP, '127.96.0.9');
});

test('only what changed is written', async (t) => {
  const here = rig(t);
  here.write('a.yaml', [service('a'), service('b'), service('c')].join('---\n'));
  await here.start();
  const written: string[] = [];
  here.store.watch({}, (events) => {
    for (const event of events)
      if (event.type !== 'BOOKMARK') written.push(event.object.metadata.name);
  });
  here.write(
    'a.yaml',
    `# moved\n\n${[service('a'), service('b', 81), service('c')].join('---\n# note\n')}`,
  );
  await here.untilServices('a:80 b:81 c:80');
  deepEqual(written, ['b']);
});

test('reload sees what nobody told, and resolves when it is in force', async (t) => {
  const here = rig(t);
  here.write('target', service('a'));
  symlinkSync(here.path('target'), here.path('a.yaml'));
  const source = await here.start();
  here.write('target', service('a', 81));
  await source.reload();
  equal(here.services, 'a:81');
});

test('a Namespace stays while it is mentioned, though its manifest is gone', async (t) => {
  const here = rig(t);
  here.write(
    'ns.yaml',
    'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {x: y}\n',
  );
  here.write('a.yaml', service('a', 80, '  namespace: shop\n'));
  await here.start();
  equal(here.store.get('Namespace', '', 'shop')?.metadata.labels?.['x'], 'y');
  unlinkSync(here.path('ns.yaml'));
  await here.until('the manifest is gone', () => {
    const left = here.store.get('Namespace', '', 'shop');
    return left !== undefined && left.metadata.labels === undefined;
  });
  equal(here.services, 'a:80');
});

test('disposing stops following, and leaves the store as it is', async (t) => {
  const here = rig(t);
  here.write('a.yaml', service('a'));
  const source = await here.start();
  await source[Symbol.asyncDispose]();
  here.write('a.yaml', service('a', 81));
  await source.reload();
  equal(here.services, 'a:80');
  ok(existsSync(here.path('a.yaml')) && readFileSync(here.path('a.yaml'), 'utf8').includes('81'));
});
