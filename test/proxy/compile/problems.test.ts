import { deepEqual, equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Problem } from '../../../controller/base/index.ts';
import type { EndpointSlice, Service } from '../../../controller/objects/index.ts';
import { compileService } from '../../../proxy/compile/index.ts';
import { bundle, compile, here, service, slice } from './objects.ts';

const selector = { app: 'shop' };
const annotated = (name: string, text: string): { annotations: Record<string, string> } => ({
  annotations: { [`portolan.dev/${name}`]: text },
});
const named = (name: string, protocol: 'TCP' | 'UDP' = 'TCP'): Partial<EndpointSlice> => ({
  ports: [{ name, port: 8080, protocol }],
});
const http = [{ name: 'http', port: 80 }];
const dual = { clusterIPs: ['10.96.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'] } as const;

interface Row {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  /** `Reason field` */
  readonly problem: string | undefined;
  /** What the message or the advice must say. */
  readonly says?: RegExp;
}

// biome-ignore format: a table, one row a line
const rows: { readonly [why: string]: Row } = {
  'all is well': { service: service({ selector }), slices: [slice('1')], problem: undefined },
  'neither selector nor slices: waiting': { service: service(), slices: [], problem: undefined },
  'no Pod matches': { service: service({ selector }), slices: [], problem: 'NoReadyEndpoints', says: /app=shop/ },
  'an empty slice': { service: service(), slices: [slice('')], problem: 'NoReadyEndpoints', says: /list no endpoint/ },
  'none ready': { service: service({ selector }), slices: [slice('1:unready 2:unready')], problem: 'NoReadyEndpoints', says: /none of its 2/ },
  'the only one not ready': { service: service({ selector }), slices: [slice('1:unready')], problem: 'NoReadyEndpoints', says: /its only endpoint/ },
  'terminating ones still serve': { service: service({ selector }), slices: [slice('1:terminating')], problem: undefined },
  'endpoints in one family alone': { service: service(dual), slices: [slice('1')], problem: 'NoReadyEndpoints', says: /no IPv6 endpoint/ },
  'port names differ': { service: service({ ports: http }), slices: [slice('1', named('web'))], problem: 'PortNameMismatch spec.ports[0].name', says: /"http" \(TCP\), only "web" \(TCP\)/ },
  'protocols differ': { service: service({ ports: http }), slices: [slice('1', named('http', 'UDP'))], problem: 'PortNameMismatch spec.ports[0].name', says: /"http" \(UDP\)/ },
  'slices without ports': { service: service({ ports: http }), slices: [slice('1', { ports: [] })], problem: 'PortNameMismatch spec.ports[0].name', says: /no port at all/ },
  'a named target port that no Pod has': { service: service({ selector, ports: [{ name: 'http', port: 80, targetPort: 'web' }] }), slices: [slice('1', { ports: [] })], problem: 'NoSuchTargetPort spec.ports[0].targetPort', says: /"web"/ },
  'an unknown algorithm': { service: service({}, annotated('load-balancing', 'best')), slices: [slice('1')], problem: 'UnknownAlgorithm metadata.annotations["portolan.dev/load-balancing"]', says: /least-conn/ },
  'weights of a Service': { service: service({}, annotated('weights', 'a=b,10.0.0.1=1001')), slices: [slice('1')], problem: 'InvalidWeights metadata.annotations["portolan.dev/weights"]', says: /"a=b".*1 more/ },
  'weights of a slice': { service: service(), slices: [slice('1', {}, annotated('weights', '5'))], problem: 'InvalidWeights metadata.annotations["portolan.dev/weights"]', says: /"5"/ },
  'weights that round-robin ignores': { service: service({}, { annotations: { ...annotated('weights', '10.1.0.1=5').annotations, ...annotated('load-balancing', 'round-robin').annotations } }), slices: [slice('1 2')], problem: 'WeightsIgnored metadata.annotations["portolan.dev/load-balancing"]', says: /weighted/ },
  'an external address': { service: service({ externalIPs: ['1.1.1.1', 'example.com'] }), slices: [slice('1')], problem: 'InvalidField spec.externalIPs[1]', says: /"example.com"/ },
  'a source range without prefix': { service: service({ loadBalancerSourceRanges: ['10.0.0.1'] }), slices: [slice('1')], problem: 'InvalidField spec.loadBalancerSourceRanges[0]', says: /CIDR/ },
  'an address of the other family': { service: service(), slices: [slice('1'), slice('', { endpoints: [{ addresses: ['fd00::1'] }] })], problem: 'AddressFamilyMismatch endpoints[0].addresses[0]', says: /"fd00::1" is no IPv4/ },
  'two ports of one name': { service: service({ ports: [...http, { name: 'http', port: 81 }] }), slices: [slice('1', named('http'))], problem: 'DuplicatePort spec.ports', says: /"http"/ },
};

const brief = ({ reason, object }: Problem): string => `${reason} ${object?.field ?? ''}`.trim();

suite('problems of one Service', () => {
  for (const [why, { service, slices, problem, says }] of Object.entries(rows)) {
    test(why, () => {
      const { problems } = compileService(bundle(service, ...slices), here);
      deepEqual(problems.map(brief), problem === undefined ? [] : [problem]);
      for (const one of problems) {
        match(`${one.message} ${one.instead}`, says ?? /./);
        equal(one.object?.namespace, 'web');
      }
    });
  }

  test('every endpoint fails its check', () => {
    const endpoints = [
      {
        address: '10.1.0.1',
        port: 8080,
        healthy: false,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ];
    const health = {
      apiVersion: 'portolan.dev/v1alpha1',
      kind: 'EndpointHealth',
      metadata: { namespace: 'web', name: 'shop' },
      status: { endpoints },
    } as const;
    const { problems } = compileService({ ...bundle(service(), slice('1')), health }, here);
    deepEqual(problems.map(brief), ['AllEndpointsUnhealthy']);
  });

  test('a port is compiled although others have problems', () => {
    const ports = [...http, { name: 'admin', port: 81 }];
    const compiled = compile(service({ ports }), [slice('1', named('http'))]);
    deepEqual(
      compiled.ports.map((port) => port.hasAnyEndpoint),
      [true, false],
    );
    deepEqual(compiled.reasons, ['PortNameMismatch']);
  });
});
