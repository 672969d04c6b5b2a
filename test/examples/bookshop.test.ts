import { equal, match } from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { program, skipWithout } from '../requirements.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const start = join(root, 'examples/bookshop/start.ts');

/** What the printed lines must give, by what they begin with; each line must match one. */
const expected: readonly (readonly [line: RegExp, output: RegExp])[] = [
  [/^curl http:\/\/bookshop/, /"pod":"web-[12]".*"scheme":"http"/],
  [/^curl --cacert/, /"pod":"web-[12]".*"scheme":"https"/],
  [/^for i in/, /^(?:\{"pod":"catalog-[123]".*\}\n){10}$/],
  [/^curl http:\/\/127\./, /"pod":"catalog-[123]"/],
  [/^dig .* catalog\./, /IN\s+A\s+127\.96\./],
  [/^dig .*answer reviews\./, /127\.10\.3\.1[^]*127\.10\.3\.2|127\.10\.3\.2[^]*127\.10\.3\.1/],
  [/^dig .* SRV/, /8000 reviews-1\.reviews\.bookshop\.svc\.cluster\.local\./],
  [/^dig .* reviews-1\./, /IN\s+A\s+127\.10\.3\.1/],
  [/^dig .* shop\./, /IN\s+CNAME\s+web\.bookshop\.svc\.cluster\.local\.[^]*IN\s+A\s+127\.96\./],
  [/get services/, /catalog .* 3\/3 .*Healthy/],
  [/describe ingress/, /\/api\/catalog {2}Prefix {2}catalog:http \(3 ready\)/],
];

const skip = skipWithout(program('curl', 'curl'), program('dig', 'dnsutils'));

test('npm start: every line that it prints works when pasted', { skip }, async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'portolan-bookshop-'));
  const free = '127.0.0.1:0';
  const flags = ['--ingress-http', free, '--ingress-https', free, '--dns', free];
  flags.push('--admin', free, '--api', free, '--data-dir', join(data, 'data'), '--workers', '1');
  const shop = spawn(process.execPath, [start, ...flags], { stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  const open = new Promise<void>((resolve, reject) => {
    shop.stdout.on('data', (chunk) => {
      printed += String(chunk);
      if (printed.includes('Ctrl-C')) resolve();
    });
    shop.once('exit', () => reject(new Error(`it ended:\n${printed}`)));
  });
  context.after(async () => {
    if (shop.exitCode === null) {
      const ended = once(shop, 'exit');
      shop.kill('SIGTERM');
      await ended;
    }
    rmSync(data, { recursive: true });
  });
  await open;
  const lines = printed.split('\n').flatMap((line) => /^ {2}(?!#)(\S.*)$/.exec(line)?.[1] ?? []);
  equal(lines.length, expected.length, printed);
  for (const line of lines) {
    const output = expected.find(([pattern]) => pattern.test(line))?.[1];
    const { stdout } = await run('bash', ['-c', line], { cwd: root, timeout: 30_000 });
    match(stdout, output ?? /^$/, line);
  }
});
