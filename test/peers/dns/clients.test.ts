import { match } from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { DnsPlane } from '../../../dns/index.ts';
import { bundle } from '../../dns/objects.ts';
import { program, skipWithout } from '../../requirements.ts';
import { freePort, PeerServer, portolan, portOf, temporaryFolder } from './server.ts';

const run = promisify(execFile);
const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80 }] }),
];
const web = 'web.shop.svc.cluster.local';

/** Arguments of kdig, to which listener, and what it prints. */
const cases: readonly (readonly [listener: string, args: string, expected: RegExp])[] = [
  ['dns', `${web} A`, /status: NOERROR[^]*10\.96\.0\.1/],
  ['dns', `${web} A +tcp`, /10\.96\.0\.1[^]*TCP/],
  ['dns', `${web} A +tcp +keepopen ${web} AAAA`, /10\.96\.0\.1[^]*SOA/],
  ['dns', `${web} A +cookie`, /COOKIE: [0-9a-f]{16}/i],
  ['dns', `${web} A +edns=1`, /BADVERS/],
  ['dns', `${web} A +nsid`, /NSID: [^\n]*"here"/],
  ['dns', `cluster.local AXFR +tcp`, /SOA[^]*web\.shop[^]*SOA/],
  ['dns-tls', `${web} A +tls`, /TLS session[^]*10\.96\.0\.1/],
  ['dns-tls', `${web} A +tls +padding`, /PADDING|10\.96\.0\.1/],
  ['dns-https', `${web} A +https`, /HTTP session[^]*10\.96\.0\.1/],
  ['dns-https', `${web} A +https-get`, /HTTP session[^]*10\.96\.0\.1/],
];

const skip = skipWithout(program('kdig', 'knot-dnsutils'), program('openssl', 'openssl'));

describe('kdig', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let plane: DnsPlane;

  before(async () => {
    const { path } = stack.use(temporaryFolder());
    const { cert, key } = certificate(path);
    const zone = `kubernetes cluster.local\n nsid here\n transfer cluster.local {\n  to *\n }`;
    writeFileSync(
      join(path, 'Corefile'),
      `.:53 {\n ${zone}\n}\ntls://.:53 {\n tls ${cert} ${key}\n ${zone}\n}\nhttps://.:53 {\n tls ${cert} ${key}\n ${zone}\n}`,
    );
    plane = stack.use(await portolan(join(path, 'Corefile'), services));
  });

  after(() => stack.disposeAsync());

  for (const [listener, args, expected] of cases) {
    test(`kdig ${args} (${listener})`, async () => {
      const port = String(portOf(plane, listener));
      const fixed = ['@127.0.0.1', '-p', port, '+retry=0', '+timeout=5'];
      const { stdout } = await run('kdig', [...fixed, ...args.split(' ')]);
      match(stdout, expected);
    });
  }
});

test('unbound is an upstream, over UDP, TCP and TLS', {
  skip: skipWithout(program('unbound', 'unbound'), program('dig', 'dnsutils')),
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(temporaryFolder());
  const { cert, key } = certificate(path);
  const [port, tlsPort] = [await freePort(), await freePort()];
  writeFileSync(
    join(path, 'unbound.conf'),
    `server:
  interface: 127.0.0.1@${port}
  interface: 127.0.0.1@${tlsPort}
  tls-port: ${tlsPort}
  tls-service-key: "${key}"
  tls-service-pem: "${cert}"
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "${path}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "up.org." static
  local-data: "up.org. 60 IN SOA ns. host. 1 1 1 1 60"
  local-data: "www.up.org. 60 IN A 192.0.2.80"
remote-control:
  control-enable: no
`,
  );
  const command = ['unbound', '-d', '-c', join(path, 'unbound.conf')] as const;
  stack.use(await PeerServer.start(command, port, 'up.org'));
  for (const [to, options] of [
    [`127.0.0.1:${port}`, ''],
    [`127.0.0.1:${port}`, 'force_tcp'],
    [`tls://127.0.0.1:${tlsPort}`, `tls ${cert}`],
  ] as const) {
    const corefile = join(path, 'Corefile');
    writeFileSync(corefile, `.:53 {\n cache\n forward . ${to} {\n  ${options}\n }\n}`);
    await using plane = await portolan(corefile);
    const dig = async (name: string): Promise<string> => {
      const fixed = ['@127.0.0.1', '-p', String(portOf(plane)), '+tries=1', '+time=5'];
      return (await run('dig', [...fixed, name, 'A'])).stdout;
    };
    match(await dig('www.up.org'), /NOERROR[^]*www\.up\.org\.\t\t60\tIN\tA\t192\.0\.2\.80/);
    match(await dig('none.up.org'), /NXDOMAIN[^]*SOA/);
  }
});

function certificate(folder: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1`;
  execFileSync('openssl', args.split(' '), { stdio: 'ignore' });
  return { cert, key };
}
