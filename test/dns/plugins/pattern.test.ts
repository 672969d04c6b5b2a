import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { patternOf } from '../../../dns/plugins/pattern.ts';

const token = (text: string) => ({
  text,
  quoted: true,
  startsLine: false,
  at: { file: 'Corefile', line: 1, column: 1 },
});

const taken: readonly (readonly [pattern: string, name: string, fits: boolean])[] = [
  ['(?P<host>[a-z]+)[.]example', 'web.example.', true],
  ['(?i)WEB', 'web.', true],
  ['a\\.org\\.\\z', 'a.org.', true],
  // A label and its dot can be repeated in one way only.
  ['^(?:[^.]+\\.){4,}cloudapp\\.net\\.$', 'a.b.c.d.cloudapp.net.', true],
  ['^(?:[^.]+\\.){4,}cloudapp\\.net\\.$', 'a.b.cloudapp.net.', false],
  ['^([^-]*[-])+x$', 'a-b-x', true],
];
for (const [pattern, name, fits] of taken) {
  test(`${pattern} on ${name} is ${fits}`, () => equal(patternOf(token(pattern)).test(name), fits));
}

for (const pattern of ['(a+)+$', '(?:[^.]+)*x', '(?:[^.]+\\-)+x', '(.*\\.){2,}', '(x|y+)*']) {
  test(`refused, as it may take for ever: ${pattern}`, () => {
    throws(() => patternOf(token(pattern)), /repeats a repeat/);
  });
}

test('what is taken takes no time on a name made to hurt', () => {
  const pattern = patternOf(token('^(?:[^.]+\\.){4,}cloudapp\\.net\\.$'));
  const startedMs = performance.now();
  equal(pattern.test(`${'a.'.repeat(50_000)}x`), false);
  equal(performance.now() - startedMs < 2000, true);
});
