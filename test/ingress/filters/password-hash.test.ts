import { equal, notEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { hash } from 'bcryptjs';
import { hashError, matchesHash } from '../../../ingress/filters/access/password-hash.ts';

/** As openssl makes it: `-1`, `-apr1`, `-5` and `-6` of its `passwd`. */
function openssl(kind: string, salt: string, password: string): string {
  return execFileSync('openssl', ['passwd', kind, '-salt', salt, password], {
    encoding: 'utf8',
  }).trim();
}

function isThere(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const passwords = ['secret', '', 'a', 'ünïcödé ✓', 'x'.repeat(70)];

suite('hashes that openssl makes', { skip: !isThere() && 'openssl is not installed' }, () => {
  for (const kind of ['-1', '-apr1', '-5', '-6']) {
    for (const password of passwords.filter((one) => one !== '')) {
      test(`passwd ${kind}, ${password.length} characters`, async () => {
        const made = openssl(kind, 'saltsalt', password);
        equal(hashError(made), undefined);
        equal(await matchesHash(password, made), true);
        equal(await matchesHash(`${password}x`, made), false);
      });
    }
  }
});

for (const password of passwords) {
  test(`{SSHA}, ${password.length} characters`, async () => {
    const salt = Buffer.from('0123456789abcdef', 'hex');
    const digest = createHash('sha1').update(password).update(salt).digest();
    const made = `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
    equal(await matchesHash(password, made), true);
    equal(await matchesHash(`${password}x`, made), false);
  });
}

for (const version of ['2a', '2b', '2y']) {
  test(`bcrypt $${version}$`, async () => {
    const made = (await hash('secret', 4)).replace(/^\$2[aby]/, `$${version}`);
    equal(await matchesHash('secret', made), true);
    equal(await matchesHash('Secret', made), false);
  });
}

test("bcrypt: crypt_blowfish's own first vector", async () => {
  const made = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  equal(await matchesHash('U*U', made), true);
});

const refused = [
  'rl.3StKT.4T8M',
  '$2y$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  '$6$rounds=999999$salt$x',
  '$7$salt$x',
  '',
  '{SSHA512}x',
];
for (const made of refused) {
  test(`nobody gets in with ${JSON.stringify(made.slice(0, 16))}`, async () => {
    notEqual(hashError(made), undefined);
    equal(await matchesHash('secret', made), false);
  });
}
