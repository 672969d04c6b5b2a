import { fail, match } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Plane, seededRandom, silentLog, systemClock } from '../../controller/base/index.ts';
import { createDnsPlane, ZoneCompiler, type ZoneDiff, type ZoneTable } from '../../dns/index.ts';
import { bundle, slice } from '../dns/objects.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';

const run = promisify(execFile);

async function missing(): Promise<string | undefined> {
  try {
    await run('dig', ['-v']);
    return undefined;
  } catch {
    if (process.env['CI']) fail('dig is not installed (Debian: dnsutils)');
    return 'dig is not installed (Debian: dnsutils)';
  }
}

const many = Array.from({ length: 500 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80 }] }),
  bundle('shop/db', { clusterIP: 'None' }, [
    slice(
      'shop/db-1',
      [{ addresses: ['10.0.0.1'], hostname: 'db-0' }],
      [{ name: 'sql', port: 5432 }],
    ),
  ]),
  bundle('shop/many', { clusterIP: 'None' }, [slice('shop/many-1', many)]),
  bundle('shop/out', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
];

const Z = 'cluster.local';
/** Arguments of dig, and what it prints. */
const cases: readonly (readonly [args: string, expected: RegExp])[] = [
  [`web.shop.svc.${Z} A +short`, /^10\.96\.0\.1\n$/],
  [`WEB.shop.svc.${Z} A +short`, /^10\.96\.0\.1\n$/],
  [`web.shop.svc.${Z} AAAA`, /status: NOERROR[^]*ANSWER: 0, AUTHORITY: 1[^]*SOA\tns\.dns/],
  [`nothing.shop.svc.${Z} A`, /status: NXDOMAIN[^]*flags: qr aa rd;[^]*SOA/],
  [`_http._tcp.web.shop.svc.${Z} SRV +short`, /^0 100 80 web\.shop\.svc\.cluster\.local\.\n$/],
  [`db-0.db.shop.svc.${Z} A +short`, /^10\.0\.0\.1\n$/],
  [`out.shop.svc.${Z} A +short`, /^web\.shop\.svc\.cluster\.local\.\n10\.96\.0\.1\n$/],
  [`-x 10.96.0.1 +short`, /^web\.shop\.svc\.cluster\.local\.\n$/],
  [`-x 10.0.0.1 +short`, /^db-0\.db\.shop\.svc\.cluster\.local\.\n$/],
  [`dns-version.${Z} TXT +short`, /^"1\.1\.0"\n$/],
  [`${Z} SOA`, /status: NOERROR[^]*hostmaster[^]* 1 7200 1800 86400 5/],
  [`1-2-3-4.shop.pod.${Z} A +short`, /^1\.2\.3\.4\n$/],
  [`many.shop.svc.${Z} A +ignore`, /flags: qr aa tc rd/],
  [`many.shop.svc.${Z} A`, /Truncated, retrying in TCP[^]*ANSWER: 500/],
  [`many.shop.svc.${Z} A +noedns +ignore`, /flags: qr aa tc rd/],
  [`web.shop.svc.${Z} A +edns=1 +noednsnegotiation`, /status: BADVERS/],
  [`web.shop.svc.${Z} A +opcode=status`, /status: NOTIMP/],
  [`web.shop.svc.${Z} A +nsid +cookie +dnssec`, /EDNS: version: 0, flags: do; udp: 1232/],
  [`example.net A`, /status: REFUSED/],
  [`version.bind CH TXT`, /status: REFUSED/],
  [`${Z} AXFR`, /Transfer failed/],
];

const skip = await missing();

describe('dig', { skip: skip ?? false }, () => {
  let plane: Plane<ZoneTable, ZoneDiff>;

  before(async () => {
    plane = createDnsPlane({
      listen: [{ host: '127.0.0.1', port: 0 }],
      upstreams: [],
      log: silentLog,
      meter: new MemoryMeter(),
      clock: systemClock,
      random: seededRandom(1),
      problems: new ProblemBook(),
    });
    const { table, diff } = new ZoneCompiler().update(
      {
        bundles: { upserted: services, removed: [] },
        namespaces: { upserted: [], removed: [] },
      },
      1,
    );
    await plane.apply(table, diff);
  });

  after(() => plane[Symbol.asyncDispose]());

  for (const transport of ['udp', 'tcp'] as const) {
    for (const [args, expected] of cases) {
      // Truncation is a matter of UDP.
      if (transport === 'tcp' && args.startsWith('many')) continue;
      test(`dig ${args} (${transport})`, async () => {
        match(await dig(args, transport === 'tcp'), expected);
      });
    }
  }

  async function dig(args: string, tcp: boolean): Promise<string> {
    const port = String(plane.addresses()[0]?.port);
    const fixed = ['@127.0.0.1', '-p', port, '+tries=1', '+time=5', ...(tcp ? ['+tcp'] : [])];
    const { stdout } = await run('dig', [...fixed, ...args.split(' ')]);
    return stdout;
  }
});
