import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  formatProblem,
  looksLikeConfiguration,
  readConfigurationFile,
} from '../../../daemon/config/index.ts';

const head = 'apiVersion: config.portolan.dev/v1alpha1\nkind: PortolanConfiguration\n';

test('a file sets what it names, and nothing else', () => {
  const { settings, problems } = readConfigurationFile(
    'etc/portolan.yaml',
    `${head}filename: [manifests, /srv/m]
dataDir: state
ingress:
  http: "[::1]:80"
  classes: nginx
  configMap: default/settings
  engine: compat
dns: off
drainTimeout: 1m
workers: 2
`,
  );
  deepEqual(problems, []);
  deepEqual(settings, {
    filename: ['etc/manifests', '/srv/m'],
    dataDir: 'etc/state',
    ingressHttp: { host: '::1', port: 80 },
    ingressClasses: ['nginx'],
    ingressConfigMap: { namespace: 'default', name: 'settings' },
    ingressEngine: 'compat',
    dns: 'off',
    drainTimeoutMs: 60_000,
    workers: 2,
  });
});

test('JSON is read as well', () => {
  const text = JSON.stringify({
    apiVersion: 'config.portolan.dev/v1alpha1',
    kind: 'PortolanConfiguration',
    nodeName: 'edge',
    serviceCidr: ['10.0.0.0/16', 'fd00::/112'],
  });
  const { settings, problems } = readConfigurationFile('p.json', text);
  deepEqual(problems, []);
  equal(settings.nodeName, 'edge');
  equal(settings.serviceCidrs?.length, 2);
});

const wrong: readonly (readonly [name: string, body: string, lines: readonly string[]])[] = [
  [
    'a slip in a key',
    'nodename: x',
    ['p.yaml:3:1: error UnknownKey: "nodename" is no key (write nodeName)'],
  ],
  [
    'a flag as key',
    'service-cidr: x',
    ['p.yaml:3:1: error UnknownKey: "service-cidr" is no key (write serviceCidr)'],
  ],
  [
    'a slip in a nested key',
    'ingress:\n  htttp: :80',
    ['p.yaml:4:3: error UnknownKey: "ingress.htttp" is no key (write ingress.http)'],
  ],
  [
    'nothing near',
    'ingress:\n  colour: red',
    [
      'p.yaml:4:3: error UnknownKey: "ingress.colour" is no key (write one of http, https, class, classes, configMap, engine, trustedProxies, proxyProtocol, tlsMinVersion, tlsCiphers, traceContext, accessLog, accessLogPercent)',
    ],
  ],
  [
    'a value out of its set',
    'proxyMode: ebpf',
    [
      'p.yaml:3:12: error InvalidConfiguration: proxyMode: "ebpf" is not served by this version (write userspace or nftables or iptables or none)',
    ],
  ],
  [
    'one item of a list',
    'ingress:\n  classes:\n    - nginx\n    - Traefik',
    [
      'p.yaml:6:7: error InvalidConfiguration: ingress.classes: "Traefik" names no class (write nginx, k8s.io/ingress-nginx or k8s.io/ingress-nginx=standard)',
    ],
  ],
  [
    'a list that is wrong as a whole',
    'serviceCidr: [10.0.0.0/8, 11.0.0.0/8]',
    [
      'p.yaml:3:14: error InvalidConfiguration: serviceCidr: "10.0.0.0/8,11.0.0.0/8" has two ranges of one family (write 10.96.0.0/16, or one IPv4 and one IPv6 range: 10.96.0.0/16,fd00:10:96::/112)',
    ],
  ],
  [
    'no value',
    'admin:',
    [
      'p.yaml:3:7: error InvalidConfiguration: admin has no value (write ADDR, in quotes if it has brackets)',
    ],
  ],
  [
    'a list where one value belongs',
    'dns: [a]',
    [
      'p.yaml:3:6: error InvalidConfiguration: dns is a list where one value belongs (write ADDR, in quotes if it has brackets)',
    ],
  ],
  [
    'a value where keys belong',
    'ingress: on',
    [
      'p.yaml:3:10: error InvalidConfiguration: ingress needs keys of its own (write ingress: {…} with http, https, class, classes, configMap, engine, trustedProxies, proxyProtocol, tlsMinVersion, tlsCiphers, traceContext, accessLog, accessLogPercent)',
    ],
  ],
  [
    'everything at once',
    'workers: 0\nlogLevel: loud\nnope: 1',
    [
      'p.yaml:3:10: error InvalidConfiguration: workers: "0" is out of range (write a whole number from 1 to 256)',
      'p.yaml:4:11: error InvalidConfiguration: logLevel: "loud" is none of the words known here (write debug or info or warn or error)',
      'p.yaml:5:1: error UnknownKey: "nope" is no key (write one of filename, kubeconfig, etcd, etcdPrefix, etcdCa, etcdCert, etcdKey, etcdUser, etcdPasswordFile, api, apiAuditLog, dataDir, nodeName, proxyMode, serviceCidr, clusterCidr, podBridgeInterface, podInterfaceNamePrefix, masqueradeAll, masqueradeBit, serviceProxyName, nodePortRange, nodePortAddresses, localhostNodePorts, kubeProxyHealthz, kubeProxyMetrics, ingress, annotationsPrefix, watchIngressWithoutClass, dns, corefile, clusterDomain, dnsLocal, dnsUpstream, admin, workers, execProbes, drainTimeout, logLevel, logFormat)',
    ],
  ],
  [
    'brackets without quotes',
    'dns: [::1]:53',
    [
      'p.yaml:3:11: error InvalidSyntax: Unexpected scalar at node end (write addresses with brackets in quotes)',
    ],
  ],
  [
    'a key twice',
    'dns: off\ndns: off',
    ['p.yaml:4:1: error InvalidSyntax: Map keys must be unique (write valid YAML or JSON)'],
  ],
  [
    'two documents',
    'dns: off\n---\ndns: off',
    [
      'p.yaml:4:1: error InvalidConfiguration: holds more than one document (write one configuration a file)',
    ],
  ],
];

for (const [name, body, lines] of wrong) {
  test(`configuration file: ${name}`, () => {
    const { problems } = readConfigurationFile('p.yaml', `${head}${body}\n`);
    deepEqual(problems.map(formatProblem), lines);
  });
}

const headless: readonly (readonly [text: string, lines: readonly string[]])[] = [
  [
    '',
    [
      'p.yaml:1:1: error InvalidConfiguration: holds no configuration (write apiVersion: config.portolan.dev/v1alpha1 and kind: PortolanConfiguration)',
    ],
  ],
  [
    'apiVersion: v1\nkind: PortolanConfiguration\n',
    [
      'p.yaml:1:13: error InvalidConfiguration: apiVersion is not the one known here (write apiVersion: config.portolan.dev/v1alpha1)',
    ],
  ],
  [
    'apiVersion: config.portolan.dev/v1alpha1\n',
    ['p.yaml:1:1: error InvalidConfiguration: kind is missing (write kind: PortolanConfiguration)'],
  ],
];

for (const [text, lines] of headless) {
  test(`configuration file that is none: ${JSON.stringify(text)}`, () => {
    deepEqual(readConfigurationFile('p.yaml', text).problems.map(formatProblem), lines);
  });
}

test('no text makes the reader throw, and every problem has a place', () => {
  const signs = 'ab:[]{}-\n "\'&*!#|>,?%@1'.split('');
  const yaml = fc.array(fc.constantFrom(...signs), { maxLength: 60 });
  fc.assert(
    fc.property(yaml, (characters) => {
      const { problems } = readConfigurationFile('p.yaml', characters.join(''));
      for (const { at } of problems) equal(at !== undefined && at.line > 0 && at.column > 0, true);
    }),
  );
});

const looks: readonly (readonly [text: string, is: boolean])[] = [
  [head, true],
  ['{\n  "apiVersion": "config.portolan.dev/v1alpha1"\n}', true],
  ['apiVersion: v1\nkind: Service\n', false],
  ['data:\n  text: "apiVersion: config.portolan.dev"\n', false],
];
for (const [text, is] of looks) {
  test(`looks like a configuration: ${JSON.stringify(text.slice(0, 30))}`, () =>
    equal(looksLikeConfiguration(text), is));
}
