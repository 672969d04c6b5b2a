import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../controller/base/index.ts';
import { type Command, parseCommandLine } from '../../../daemon/config/index.ts';

const admin = { host: '127.0.0.1', port: 9900 };
const get = {
  kind: 'get',
  name: undefined,
  scope: { kind: 'unsaid' },
  output: 'table',
  admin,
} as const;

const understood: readonly (readonly [line: string, command: Command])[] = [
  ['', { kind: 'help', topic: undefined }],
  ['-h', { kind: 'help', topic: undefined }],
  ['help', { kind: 'help', topic: undefined }],
  ['help get', { kind: 'help', topic: 'get' }],
  ['up --no-such -h', { kind: 'help', topic: 'up' }],
  ['--version', { kind: 'version', output: 'text' }],
  ['version -o json', { kind: 'version', output: 'json' }],
  ['up', { kind: 'up', settings: {}, configFile: undefined }],
  [
    'up -f a -fb -f=c --filename d --filename=e --config=p.yaml',
    { kind: 'up', settings: { filename: ['a', 'b', 'c', 'd', 'e'] }, configFile: 'p.yaml' },
  ],
  [
    'up --dns off --ingress-http :80 --ingress-https=[::1]:0 --workers 3 --drain-timeout 1m30s',
    {
      kind: 'up',
      settings: {
        ingressHttp: { host: '127.0.0.1', port: 80 },
        ingressHttps: { host: '::1', port: 0 },
        dns: 'off',
        workers: 3,
        drainTimeoutMs: 90_000,
      },
      configFile: undefined,
    },
  ],
  ['up --workers 3 --workers 4', { kind: 'up', settings: { workers: 4 }, configFile: undefined }],
  ['check a -', { kind: 'check', paths: ['a', '-'], output: 'text' }],
  ['check -o json -- -odd', { kind: 'check', paths: ['-odd'], output: 'json' }],
  ['get svc', { ...get, resource: 'svc' }],
  ['get svc/web -o wide', { ...get, resource: 'svc', name: 'web', output: 'wide' }],
  [
    'get -n shop ing web -oyaml',
    {
      ...get,
      resource: 'ing',
      name: 'web',
      scope: { kind: 'namespace', namespace: 'shop' },
      output: 'yaml',
    },
  ],
  ['get pods -A', { ...get, resource: 'pods', scope: { kind: 'everywhere' } }],
  ['get pods -A=false', { ...get, resource: 'pods' }],
  ['get no --admin [::1]:80', { ...get, resource: 'no', admin: { host: '::1', port: 80 } }],
  [
    'describe svc web',
    { kind: 'describe', resource: 'svc', name: 'web', namespace: 'default', admin },
  ],
  [
    'trace web:80 --from 10.0.0.7 --header Host:a --header=B:c -n shop --live',
    {
      kind: 'trace',
      target: 'web:80',
      namespace: 'shop',
      from: '10.0.0.7',
      method: 'GET',
      headers: ['Host:a', 'B:c'],
      live: true,
      output: 'text',
      admin,
    },
  ],
  ['top', { kind: 'top', count: undefined, rows: 20, admin }],
  ['top --count 3 --rows 5', { kind: 'top', count: 3, rows: 5, admin }],
  [
    'explain web.shop.svc.cluster.local AAAA --client 10.0.0.7',
    {
      kind: 'explain',
      name: 'web.shop.svc.cluster.local',
      type: 'AAAA',
      client: '10.0.0.7',
      admin,
    },
  ],
  ['describe ing/a -n b', { kind: 'describe', resource: 'ing', name: 'a', namespace: 'b', admin }],
];

for (const [line, command] of understood) {
  test(`portolan ${line}`, () => deepEqual(parseCommandLine(split(line)), command));
}

const refused: readonly (readonly [line: string, code: string, message: string])[] = [
  ['gett', 'UnknownCommand', '"gett" is no command: did you mean get?'],
  [
    'serve',
    'UnknownCommand',
    '"serve" is no command: write one of up, check, plan, cleanup, backup, get, describe, trace, top, explain, migrate, version, help',
  ],
  [
    'trace',
    'MissingArgument',
    'portolan trace needs a target: write portolan trace URL, or SERVICE:PORT',
  ],
  [
    'trace web:80 --header nothing',
    'InvalidFlag',
    '--header: "nothing" has no colon: write NAME:VALUE',
  ],
  ['top --count 0', 'InvalidFlag', '--count: "0" is no number: write 1 or more'],
  [
    'up --ingres-http :80',
    'UnknownFlag',
    '--ingres-http is no flag here: did you mean --ingress-http?',
  ],
  ['up --xyzzy=1', 'UnknownFlag', '--xyzzy is no flag here: --help lists the flags'],
  ['up -filename a', 'UnknownFlag', '-filename is no flag here: did you mean --filename?'],
  ['get svc -f a', 'UnknownFlag', '-f is no flag here: --help lists the flags'],
  ['up -f', 'MissingValue', '-f needs a value: write -f VALUE'],
  ['up --dns --workers 2', 'MissingValue', '--dns needs a value: write --dns VALUE'],
  ['get svc -A=1', 'UnexpectedValue', '-A takes no value, but has "1": write -A'],
  [
    'up manifests',
    'UnexpectedArgument',
    'portolan up takes no "manifests": write -f manifests for a manifest file or folder',
  ],
  [
    'up -f -',
    'InvalidFlag',
    '--filename: "-" cannot be watched for changes: write a file or folder',
  ],
  [
    'up --dns 8080',
    'InvalidFlag',
    '--dns: "8080" is no address to listen on: write :8080 (on 127.0.0.1) or ADDRESS:8080',
  ],
  [
    'up --proxy-mode ebpf',
    'InvalidFlag',
    '--proxy-mode: "ebpf" is not served by this version: write userspace or nftables or iptables or none',
  ],
  [
    'up --proxy-mode fast',
    'InvalidFlag',
    '--proxy-mode: "fast" is none of the words known here: write userspace or nftables or iptables or none',
  ],
  ['up --kubeconfig=', 'InvalidFlag', '--kubeconfig: "" is no path: write a file or folder'],
  [
    'up --etcd localhost:2379',
    'InvalidFlag',
    '--etcd: "localhost:2379" is no URL of an etcd member: write https://ADDRESS:2379',
  ],
  [
    'up --etcd-prefix x',
    'InvalidFlag',
    '--etcd-prefix: "x" is no prefix of keys: write / and letters, digits, "-", "_", "." or "/"',
  ],
  [
    'up --workers 0',
    'InvalidFlag',
    '--workers: "0" is out of range: write a whole number from 1 to 256',
  ],
  [
    'up --workers -1',
    'InvalidFlag',
    '--workers: "-1" is out of range: write a whole number from 1 to 256',
  ],
  ['check', 'MissingArgument', 'portolan check needs a path: write portolan check PATH ...'],
  [
    'get',
    'MissingArgument',
    'portolan get needs a resource: write portolan get services, or another one',
  ],
  [
    'get svc web more',
    'UnexpectedArgument',
    'portolan get takes one resource and one name: leave out "more"',
  ],
  [
    'get svc web -A',
    'UnexpectedArgument',
    'portolan get takes a name or every namespace: write -n NAMESPACE in place of -A',
  ],
  [
    'get svc -o xml',
    'InvalidFlag',
    '--output: "xml" is no form of output: write wide or json or yaml',
  ],
  [
    'get svc --admin off',
    'InvalidFlag',
    '--admin: "off" is nothing to connect to: write ADDRESS:PORT, [IPV6]:PORT or :PORT',
  ],
  [
    'describe svc',
    'MissingArgument',
    'portolan describe needs a resource and a name: write portolan describe service NAME',
  ],
  [
    'version 2',
    'UnexpectedArgument',
    'portolan version takes no "2": write portolan version [-o json]',
  ],
];

for (const [line, code, message] of refused) {
  test(`portolan ${line} is refused`, () => {
    throws(
      () => parseCommandLine(split(line)),
      (error) => {
        equal(error instanceof ConfigError && error.message, message);
        equal(error instanceof ConfigError && error.code, code);
        return true;
      },
    );
  });
}

function split(line: string): readonly string[] {
  return line === '' ? [] : line.split(' ');
}
