import { deepEqual, doesNotMatch, equal, match, throws } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fail } from 'node:assert';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { AnyObject, VirtualIP } from '../../../controller/objects/index.ts';
import { admit } from '../../../controller/schema/index.ts';
import { translateKeepalived } from '../../../daemon/migrate/keepalived/index.ts';

function specOf(text: string): VirtualIP['spec'] | undefined {
  const { objects } = translateKeepalived(text, 'k.conf');
  return objects.find((one) => one.kind === 'VirtualIP')?.spec;
}

const base = 'interface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n 192.0.2.10/24\n}\n';
const least = {
  version: 2,
  interface: 'eth0',
  virtualRouterID: 51,
  addresses: ['192.0.2.10/24'],
} as const;

const instances: readonly (readonly [name: string, more: string, spec: object])[] = [
  ['the least', '', {}],
  ['priority', 'priority 150', { priority: 150 }],
  [
    'advert_int in parts of a second',
    'version 3\nadvert_int 0.25',
    { version: 3, advertInterval: '250ms' },
  ],
  [
    'nopreempt and its delay',
    'nopreempt\npreempt_delay 30',
    { preempt: false, preemptDelay: '30s' },
  ],
  [
    'unicast peers',
    'unicast_peer {\n 192.0.2.2\n 192.0.2.3\n}',
    { unicastPeers: ['192.0.2.2', '192.0.2.3'] },
  ],
  [
    'excluded addresses',
    'virtual_ipaddress_excluded {\n 2001:db8::1/64\n}',
    { excludedAddresses: ['2001:db8::1/64'] },
  ],
  [
    'track_interface',
    'track_interface {\n eth1 weight -20\n eth2\n}',
    { track: [{ interface: 'eth1', weight: -20 }, { interface: 'eth2' }] },
  ],
  [
    'a password',
    'authentication {\n auth_type PASS\n auth_pass sesame99more\n}',
    { passwordSecretRef: { namespace: 'default', name: 'vi-1-vrrp', key: 'password' } },
  ],
  ['notify', 'notify "/bin/tell \\ all" x', { notify: ['/bin/tell \\ all', 'x'] }],
  [
    'a brace on a line of its own, comments',
    'track_interface\n# one\n{\n eth1 ! two\n}',
    { track: [{ interface: 'eth1' }] },
  ],
];
describe('vrrp_instance', () => {
  for (const [name, more, spec] of instances) {
    test(name, () =>
      deepEqual(specOf(`vrrp_instance VI_1 {\n${base}${more}\n}`), { ...least, ...spec }),
    );
  }
});

test('a tracked file keeps its weight, which is 1 where none is written', () => {
  const text = `vrrp_track_file f {
  file /run/prio
  weight -2
}
vrrp_track_file g {
  file /run/other
}
vrrp_instance VI_1 {
${base}track_file {
    f
    g
    f weight 5
  }
}`;
  deepEqual(specOf(text), {
    ...least,
    track: [
      { file: '/run/prio', weight: -2 },
      { file: '/run/other', weight: 1 },
      { file: '/run/prio', weight: 5 },
    ],
  });
});

test('scripts, groups, definitions and the global version come together', () => {
  const text = `
$DEV = eth7
global_defs { 
  vrrp_version 3
}
vrrp_script chk {
  script "/usr/bin/pgrep nginx"
  interval 2
  fall 3
  weight -30
}
vrrp_sync_group G {
  group {
    VI_1
  }
}
vrrp_instance VI_1 {
  interface $DEV
  virtual_router_id 7
  virtual_ipaddress {
    2001:db8::7
  }
  track_script {
    chk
  }
}`;
  deepEqual(specOf(text), {
    version: 3,
    interface: 'eth7',
    virtualRouterID: 7,
    addresses: ['2001:db8::7'],
    syncGroup: 'g',
    track: [
      {
        script: { command: ['/usr/bin/pgrep', 'nginx'], interval: '2s', fall: 3 },
        weight: -30,
      },
    ],
  });
});

test('a password goes into a Secret, cut as keepalived cuts it, and into no remark', () => {
  const { objects, findings } = translateKeepalived(
    `vrrp_instance VI_1 {\n${base} authentication {\n auth_type PASS\n auth_pass sesame99more\n}\n}`,
    'k.conf',
  );
  const secret = objects.find((one) => one.kind === 'Secret');
  equal(secret?.data?.['password'], Buffer.from('sesame99').toString('base64'));
  doesNotMatch(JSON.stringify(findings), /sesame/);
});

test('virtual_server becomes a Service, its slice and a check', () => {
  const { objects } = translateKeepalived(
    `virtual_server 192.0.2.1 80 {
  lb_algo wrr
  delay_loop 6
  persistence_timeout
  real_server 10.0.0.1 8080 {
    weight 3
    HTTP_GET {
      url { 
        path /up
        status_code 204
      }
      connect_timeout 2
      retry 2
    }
  }
  real_server 10.0.0.2 8080 {
  }
}`,
    'k.conf',
  );
  const [service, slice] = objects;
  deepEqual(service, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace: 'default',
      name: 'vs-192-0-2-1-80',
      annotations: {
        'portolan.dev/load-balancing': 'weighted',
        'portolan.dev/weights': '10.0.0.1=3',
        'portolan.dev/health-check': 'http',
        'portolan.dev/health-check-interval': '6s',
        'portolan.dev/health-check-timeout': '2s',
        'portolan.dev/health-check-failure-threshold': '3',
        'portolan.dev/health-check-path': '/up',
        'portolan.dev/health-check-expected-status': '204',
      },
    },
    spec: {
      externalIPs: ['192.0.2.1'],
      ports: [{ port: 80, protocol: 'TCP' }],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 360 } },
    },
  });
  deepEqual(slice?.kind === 'EndpointSlice' && slice.endpoints.flatMap((one) => one.addresses), [
    '10.0.0.1',
    '10.0.0.2',
  ]);
});

const remarks: readonly (readonly [text: string, verdict: string, says: RegExp])[] = [
  ['virtual_server fwmark 1 {\n}', 'unsupported', /mark/],
  ['virtual_server 192.0.2.1 80 {\n quorum 3\n}', 'unsupported', /one ready endpoint/],
  ['virtual_server 192.0.2.1 80 {\n lb_kind DR\n}', 'differs', /NAT/],
  ['virtual_server 192.0.2.1 80 {\n lb_algo dh\n}', 'unsupported', /weighted/],
  [`vrrp_instance a {\n${base} state MASTER\n}`, 'ignored', /election/],
  [`vrrp_instance a {\n${base} virtual_routes {\n}\n}`, 'unsupported', /notify/],
  ['vrrp_instance a {\n interface eth0\n}', 'unsupported', /needs interface, virtual_router_id/],
  [`vrrp_instance a {\n${base} priority 300\n}`, 'unsupported', /no number from 1 to 255/],
  ['include other.conf', 'unsupported', /included files/],
  ['whatever', 'unsupported', /no equal/],
];
for (const [text, verdict, says] of remarks) {
  test(`remark on ${JSON.stringify(text).slice(0, 60)}`, () => {
    const [finding] = translateKeepalived(text, 'k.conf').findings;
    equal(finding?.verdict, verdict);
    match(finding?.text ?? '', says);
  });
}

const broken: readonly (readonly [text: string, message: RegExp])[] = [
  ['vrrp_instance a {\n', /^k\.conf:1: this block is not closed/],
  ['a\n}', /^k\.conf:2: there is no block to close/],
  ['{\n}', /^k\.conf:1: a block needs a keyword/],
  ['a {\n'.repeat(30), /nested more than 20 deep/],
];
for (const [text, message] of broken) {
  test(`${JSON.stringify(text).slice(0, 40)} is refused`, () => {
    throws(() => translateKeepalived(text, 'k.conf'), { code: 'InvalidKeepalivedConf', message });
  });
}

test('no text makes it fail otherwise', () => {
  const word = fc.constantFrom(
    '{',
    '}',
    '\n',
    'vrrp_instance',
    'virtual_server',
    '10.0.0.1',
    '80',
    '"',
    '$A',
    '$A=',
    '!',
    '\\',
    'real_server',
    'virtual_ipaddress',
    'track_script',
    'weight',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      try {
        translateKeepalived(words.join(' '), 'k.conf');
      } catch (error) {
        equal((error as { code?: unknown }).code, 'InvalidKeepalivedConf');
      }
    }),
  );
});

const samples = '/usr/share/doc/keepalived/samples';
const present = existsSync(samples);
if (!present && process.env['CI']) fail("keepalived's sample files are not installed");
test('every sample file of keepalived gives objects that are admitted', { skip: !present }, () => {
  const files = readdirSync(samples).filter((one) => one.startsWith('keepalived.conf'));
  const objects = files.flatMap((file): readonly AnyObject[] => {
    const text = readFileSync(`${samples}/${file}`, 'utf8');
    return translateKeepalived(text, file).objects;
  });
  const refused = objects.flatMap((object) => {
    const admission = admit(object);
    return admission.kind === 'refused' ? admission.issues : [];
  });
  deepEqual([files.length > 15, objects.length > 40, refused], [true, true, []]);
});
