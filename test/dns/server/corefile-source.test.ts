import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkCorefile, looksLikeCorefile } from '../../../dns/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-check-'));
after(() => rmSync(folder, { recursive: true }));

const paths: readonly (readonly [path: string, expected: boolean])[] = [
  ['Corefile', true],
  ['/etc/coredns/Corefile', true],
  ['Corefile.staging', true],
  ['edge.corefile', true],
  ['manifests', false],
  ['corefiles.yaml', false],
];
for (const [path, expected] of paths) {
  test(`${path} is ${expected ? 'a' : 'no'} Corefile`, () =>
    equal(looksLikeCorefile(path), expected));
}

test('check: everything wrong with its place, an empty pattern as a warning, a missing file', () => {
  const path = join(folder, 'Corefile');
  writeFileSync(path, '. {\n cache x y\n ttl\n}');
  deepEqual(checkCorefile(path), [
    {
      severity: 'error',
      reason: 'BadCorefile',
      message: 'unknown directive "ttl" (it is none of CoreDNS\'s either)',
      at: { file: path, line: 3, column: 2 },
    },
  ]);
  writeFileSync(
    path,
    '. {\n dnssec\n auto\n whoami\n whoami\n forward . nowhere\n bind frob0\n}\n. {\n geoip x\n}',
  );
  deepEqual(
    checkCorefile(path).map(({ message, at }) => `${at?.line} ${message.split(':')[0]}`),
    [
      '2 dnssec is not served by this version',
      '3 auto is not served by this version',
      '5 whoami stands twice in this block',
      '6 upstream "nowhere" is no address; write 192.0.2.1, 192.0.2.1',
      '7 "frob0" is no address and no interface',
      '9 . is served already by the block in line 1',
      '10 geoip is not served by this version',
    ],
  );
  writeFileSync(path, '. {\n import custom/*.override\n whoami\n}');
  deepEqual(
    checkCorefile(path).map(({ severity, message }) => `${severity} ${message}`),
    ['warning no file matches "custom/*.override"'],
  );
  deepEqual(
    checkCorefile(join(folder, 'gone')).map(({ reason }) => reason),
    ['UnreadableCorefile'],
  );
});
