import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareConfigurations,
  type Configuration,
  configurationNotices,
  loadConfiguration,
  type Settings,
} from '../../../daemon/config/index.ts';

const machine = { hostname: 'Edge-1', cores: 6 };
const files: Readonly<Record<string, string>> = {
  'etc/p.yaml': `apiVersion: config.portolan.dev/v1alpha1
kind: PortolanConfiguration
filename: m
dns: off
workers: 3
`,
  'bad.yaml': `apiVersion: config.portolan.dev/v1alpha1
kind: PortolanConfiguration
dns: 53
wokers: 3
`,
};

function load(settings: Settings, configFile?: string): Configuration {
  return loadConfiguration({ settings, configFile, machine, readText });
}

function readText(path: string): string {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
}

test('defaults are those of the documentation', () => {
  deepEqual(load({ filename: ['m'] }), {
    filename: ['m'],
    kubeconfig: undefined,
    etcdEndpoints: [],
    etcdPrefix: '/portolan',
    etcdCa: undefined,
    etcdCert: undefined,
    etcdKey: undefined,
    etcdUser: undefined,
    etcdPasswordFile: undefined,
    nodeName: 'edge-1',
    dataDir: './.portolan',
    proxyMode: 'userspace',
    serviceCidrs: [{ text: '127.96.0.0/16', family: 'IPv4', prefixLength: 16 }],
    clusterCidrs: [],
    podBridgeInterface: '',
    podInterfaceNamePrefix: '',
    masqueradeAll: 'off',
    masqueradeBit: 14,
    serviceProxyName: undefined,
    nodePortRange: { first: 30_000, last: 32_767 },
    nodePortAddresses: ['127.0.0.1'],
    localhostNodePorts: 'off',
    kubeProxyHealthz: 'off',
    kubeProxyMetrics: 'off',
    ingressHttp: { host: '127.0.0.1', port: 8080 },
    ingressHttps: { host: '127.0.0.1', port: 8443 },
    ingressClass: 'portolan',
    ingressClasses: [],
    ingressConfigMap: undefined,
    ingressAnnotationsPrefix: 'nginx.ingress.kubernetes.io/',
    ingressWithoutClass: 'off',
    ingressEngine: 'wire',
    ingressTrustedProxies: [],
    ingressProxyProtocol: 'off',
    ingressTlsMinVersion: 'TLSv1.2',
    ingressTlsCiphers: undefined,
    ingressTraceContext: 'off',
    ingressAccessLog: 'json',
    ingressAccessLogPercent: 100,
    dns: { host: '127.0.0.1', port: 1053 },
    dnsLocal: [],
    corefile: undefined,
    clusterDomain: 'cluster.local',
    dnsUpstreams: { kind: 'resolvConf', path: '/etc/resolv.conf' },
    api: { host: '127.0.0.1', port: 6443 },
    apiAuditLog: undefined,
    admin: { host: '127.0.0.1', port: 9900 },
    workers: 6,
    execProbes: 'off',
    drainTimeoutMs: 30_000,
    logLevel: 'info',
    logFormat: 'auto',
  });
});

test('a flag wins over the file, and the file over the default', () => {
  const { filename, dns, workers, logLevel } = load({ workers: 5 }, 'etc/p.yaml');
  deepEqual(
    { filename, dns, workers, logLevel },
    { filename: ['etc/m'], dns: 'off', workers: 5, logLevel: 'info' },
  );
});

test('without manifests the API is enough; without that there is nothing to serve', () => {
  deepEqual(load({}).filename, []);
  throws(() => load({ api: 'off' }), {
    code: 'NothingToServe',
    message:
      'there is nothing to serve: name a manifest file or folder with -f PATH, a cluster with --kubeconfig FILE, etcd with --etcd URL, or leave --api on',
  });
});

test('manifests and a cluster exclude each other', () => {
  equal(load({ kubeconfig: 'k' }).kubeconfig, 'k');
  throws(() => load({ kubeconfig: 'k', filename: ['m'] }), { code: 'TwoSources' });
  throws(() => load({ kubeconfig: 'k', etcdEndpoints: ['http://e'] }), { code: 'TwoSources' });
});

test('every mistake of the file is named', () => {
  throws(() => load({ filename: ['m'] }, 'bad.yaml'), {
    code: 'InvalidConfiguration',
    message: [
      'bad.yaml:3:6: error InvalidConfiguration: dns: "53" is no address to listen on (write :53 (on 127.0.0.1) or ADDRESS:53)',
      'bad.yaml:4:1: error UnknownKey: "wokers" is no key (write workers)',
    ].join('\n'),
  });
});

test('a file that cannot be read is named', () => {
  throws(() => load({}, 'none.yaml'), {
    code: 'UnreadableFile',
    message: '--config: none.yaml cannot be read (ENOENT)',
  });
});

const notices: readonly (readonly [settings: Settings, reasons: readonly string[]])[] = [
  [{}, []],
  [{ admin: { host: '0.0.0.0', port: 1 } }, ['AdminExposed']],
  [{ admin: { host: '::1', port: 1 } }, []],
  [{ admin: 'off' }, []],
  [{ filename: [], kubeconfig: 'k' }, []],
  [{ filename: [], kubeconfig: 'k', api: 'off' }, []],
  [{ filename: [], kubeconfig: 'k', api: { host: '127.0.0.1', port: 7443 } }, ['ApiNotServed']],
];
for (const [settings, reasons] of notices) {
  test(`notices for ${JSON.stringify(settings)}`, () => {
    const found = configurationNotices(load({ filename: ['m'], ...settings }));
    deepEqual(
      found.map((one) => one.reason),
      reasons,
    );
  });
}

test('SIGHUP takes over what can change and names what cannot', () => {
  const before = load({ filename: ['m'] });
  const after = load({ filename: ['m'], logLevel: 'debug', drainTimeoutMs: 1, dns: 'off' });
  deepEqual(compareConfigurations(before, after), {
    reload: ['drainTimeoutMs', 'logLevel'],
    restart: ['dns'],
  });
  equal(compareConfigurations(before, load({ filename: ['m'] })).restart.length, 0);
});
