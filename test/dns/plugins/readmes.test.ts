import { deepEqual, equal, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isShownBy } from '../../../docs/dns-plugins-page.ts';
import { pluginOrder } from '../../../dns/plugins/index.ts';
import { CorefileServer } from '../corefile-server.ts';

const root = join(import.meta.dirname, '../../..');
const tests = globSync('test/dns/**/*.test.ts', { cwd: root }).map((path) =>
  readFileSync(join(root, path), 'utf8'),
);

for (const { name, options } of pluginOrder) {
  const readme = readFileSync(join(root, 'dns/plugins', name, 'README.md'), 'utf8');

  test(`${name}: the example of its README starts and answers`, async () => {
    const [, example = ''] = /~~~ corefile\n([^]*?)~~~/.exec(readme) ?? [];
    ok(example.includes(name));
    await using server = await CorefileServer.start(example);
    equal((await server.message('www.example.net'))?.questions.length, 1);
  });

  test(`${name}: every option stands in its README and has a test of its own`, () => {
    const missing = options.filter((option) => !readme.includes(option));
    deepEqual(missing, []);
    const untested = options.filter(
      (option) => !tests.some((text) => isShownBy(text, name, option)),
    );
    deepEqual(
      tests.some((text) => isShownBy(text, name)),
      true,
    );
    deepEqual(untested, []);
  });
}
