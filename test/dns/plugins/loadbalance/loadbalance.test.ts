import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseWeights } from '../../../../dns/plugins/loadbalance/weighted.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { answering } from '../records.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-weights-'));
after(() => rmSync(folder, { recursive: true }));

test('loadbalance: weighted puts one address first, by weight; reload 0s', async () => {
  const path = join(folder, 'weights');
  writeFileSync(path, 'x.org\n192.0.2.1 9 # most of the time\n192.0.2.2 1\n');
  await using server = await CorefileServer.start(
    `. {\n loadbalance weighted ${path} {\n  reload 0s\n }\n forward . 192.0.2.53\n}`,
    ({ questions: [question] }) => {
      const name = question?.name.join('.');
      return answering([`${name}. 60 IN A 192.0.2.2`, `${name}. 60 IN A 192.0.2.1`]);
    },
  );
  const first = new Map<string, number>();
  for (let i = 0; i < 400; i += 1) {
    const [one = ''] = (await server.ask('x.org'))?.answers ?? [];
    first.set(one, (first.get(one) ?? 0) + 1);
  }
  const often = first.get('x.org. 60 A 192.0.2.1') ?? 0;
  ok(often > 320 && often < 395, String(often));
  // Names that the file does not have stay as they come.
  for (let i = 0; i < 20; i += 1) {
    equal((await server.ask('y.org'))?.answers?.[0], 'y.org. 60 A 192.0.2.2');
  }
});

test('weights: what the file says', () => {
  deepEqual(
    parseWeights('# c\n\na.org\n192.0.2.1 3\n2001:db8::1 255\nB.org\n192.0.2.1 1\n'),
    new Map([
      [
        'a\u0100org',
        new Map([
          ['192.0.2.1', 3],
          ['2001:db8::1', 255],
        ]),
      ],
      ['b\u0100org', new Map([['192.0.2.1', 1]])],
    ]),
  );
  for (const [text, line] of [
    ['192.0.2.1 3', 1],
    ['a.org\n192.0.2.1 0', 2],
    ['a.org\n192.0.2.1 256', 2],
    ['a.org\nnowhere 1', 2],
    ['a.org\n192.0.2.1 1 1', 2],
  ] as const) {
    throws(() => parseWeights(text), new RegExp(`line ${line}`));
  }
});
