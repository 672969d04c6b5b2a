import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../../daemon/config/commands.ts';
import { helpText } from '../../../daemon/config/index.ts';
import { keyText, optionNames, schema } from '../../../daemon/config/schema.ts';

/** The flags that the design promises by name. */
const promised =
  'filename kubeconfig node-name proxy-mode service-cidr ingress-http ingress-https ingress-class ingress-configmap dns corefile api data-dir admin workers drain-timeout';

for (const flag of promised.split(' ')) {
  test(`--${flag} is known`, () => ok(optionNames.some((name) => schema[name].flag === flag)));
}

test('no two settings share a flag or a key', () => {
  const flags = optionNames.flatMap((name) => schema[name].flag ?? []);
  const keys = optionNames.map((name) => keyText(schema[name]));
  equal(new Set(flags).size, flags.length);
  equal(new Set(keys).size, keys.length);
});

for (const name of optionNames) {
  const { flag, key, defaultText, type } = schema[name];
  test(`${name}: the key is the flag in camel case`, () => {
    if (flag === undefined) return;
    const camel = keyText({ key }).replace('.', '-').toLowerCase();
    equal(camel.replaceAll('-', ''), flag.replaceAll('-', ''));
  });
  test(`${name}: the documented default is the default`, () => {
    if (defaultText === '' || defaultText.includes(' ')) return;
    const parsed = type.parse([defaultText]);
    const actual = schema[name].default({ hostname: 'h', cores: 1 });
    equal(JSON.stringify(parsed), JSON.stringify({ kind: 'value', value: actual }));
  });
}

for (const { name, usage } of commands) {
  test(`help of ${name} begins with its usage and fits 80 columns`, () => {
    const text = helpText(name);
    ok(text.startsWith(`Usage: ${usage}\n`));
    // Nothing but tables of short names and examples may be wider.
    match(text, /\n$/);
    ok(text.split('\n').every((line) => line.length <= 100));
  });
}
