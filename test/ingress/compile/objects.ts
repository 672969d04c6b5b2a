import type {
  EndpointSlice,
  HTTPIngressPath,
  Ingress,
  IngressSpec,
  PathType,
  Secret,
  Service,
  ServiceBundle,
  ServicePortSpec,
} from '../../../controller/objects/index.ts';
import {
  type Certificate,
  type IngressChanges,
  noChanges,
  type RouteCompilation,
  RouteCompiler,
  type RouteCompilerOptions,
  selfSignedCertificate,
} from '../../../ingress/index.ts';
import { FakeClock } from '../../fakes/clock.ts';

/** Objects with defaults for whatever a test does not care about. All live in `default`. */
export function ingress(
  name: string,
  spec: IngressSpec,
  over: Partial<Ingress['metadata']> = {},
): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...over,
    },
    spec: { ingressClassName: 'portolan', ...spec },
  };
}

/** A path to port 80 of Service `name`. */
export function path(
  text: string,
  name: string = 'app',
  pathType: PathType = 'Prefix',
): HTTPIngressPath {
  return { path: text, pathType, backend: { service: { name, port: { number: 80 } } } };
}

/** An Ingress spec with one rule. */
export function rule(host: string, ...paths: readonly HTTPIngressPath[]): IngressSpec {
  return { rules: [{ ...(host && { host }), http: { paths } }] };
}

export function service(
  name: string,
  ports: readonly ServicePortSpec[],
  spec: Service['spec'] = {},
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ...spec, ports },
  };
}

export function slice(
  of: string,
  addresses: readonly string[],
  ports: EndpointSlice['ports'] = [{ name: '', port: 8080 }],
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${of}-1`, namespace: 'default' },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports,
  };
}

/** Service `name` with port 80 and endpoints on 8080. */
export function app(name: string, ...addresses: readonly string[]): ServiceBundle {
  return {
    service: service(name, [{ port: 80, targetPort: 8080 }]),
    slices: [slice(name, addresses)],
    health: undefined,
  };
}

export function keyPair(...dnsNames: readonly string[]): Certificate {
  const notBeforeMs = Date.UTC(2025, 0, 1);
  const notAfterMs = Date.UTC(2027, 0, 1);
  return selfSignedCertificate('made', { commonName: 'made', dnsNames, notBeforeMs, notAfterMs });
}

export function tlsSecret(name: string, pair: Certificate): Secret {
  return secret(name, { 'tls.crt': pair.certificatePem, 'tls.key': pair.privateKeyPem });
}

export function secret(
  name: string,
  values: Readonly<Record<string, string>>,
  type: string = 'kubernetes.io/tls',
): Secret {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type, data };
}

export interface TestCompiler {
  readonly clock: FakeClock;
  /** Takes in what is given; everything else stays as it was. */
  readonly update: (changes: Partial<IngressChanges>) => RouteCompilation;
  readonly compiler: RouteCompiler;
}

export function startCompiler(over: Partial<RouteCompilerOptions> = {}): TestCompiler {
  const clock = new FakeClock();
  const compiler = new RouteCompiler({
    ingressClassName: 'portolan',
    controllerName: 'portolan.dev/ingress',
    classes: [],
    watchWithoutClass: false,
    clock,
    ...over,
  });
  return {
    clock,
    compiler,
    update: (changes) =>
      compiler.update({
        bundles: noChanges,
        ingresses: noChanges,
        classes: noChanges,
        secrets: noChanges,
        configMaps: noChanges,
        ...changes,
      }),
  };
}

/** Objects that were added or changed. */
export function upserted<T>(...objects: readonly T[]): {
  upserted: readonly T[];
  removed: readonly string[];
} {
  return { upserted: objects, removed: [] };
}

/** Keys of objects that are gone. */
export function removed(...keys: readonly string[]): {
  upserted: readonly never[];
  removed: readonly string[];
} {
  return { upserted: [], removed: keys };
}

/** `reason on field` of each problem, sorted. */
export function reasons({ problems }: RouteCompilation): readonly string[] {
  return problems
    .map(({ reason, object }) => `${reason} on ${object?.name ?? ''} ${object?.field ?? ''}`)
    .toSorted();
}
