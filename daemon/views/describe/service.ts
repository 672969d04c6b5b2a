import type { Service, ServicePortSpec } from '../../../controller/objects/index.ts';
import {
  bundleOf,
  checkText,
  endpointsOf,
  endpointText,
  sliceIndex,
  yesNo,
} from '../service-endpoints.ts';
import { algorithmDetail, externalText, portIndex, servedByText } from '../services.ts';
import type { ViewInput } from '../view-input.ts';
import { commonSections, problemSection } from './common.ts';
import { field, type Section, table } from './description.ts';

/** A Service: addresses, endpoints with their health, names, routes that lead to it. */
export function describeService(service: Service, input: ViewInput): readonly Section[] {
  const { spec, metadata } = service;
  const slices = sliceIndex(input.store, metadata.namespace)(service);
  const endpoints = endpointsOf(bundleOf(service, slices, input.store));
  const l4 = portIndex(input)(service);
  return [
    ...commonSections(service, input),
    field('Selector', ...Object.entries(spec?.selector ?? {}).map(([key, is]) => `${key}=${is}`)),
    field('Type', spec?.type ?? 'ClusterIP'),
    field('IP Families', ...list(spec?.ipFamilies)),
    field('IPs', ...(spec?.clusterIPs ?? list(spec?.clusterIP ? [spec.clusterIP] : []))),
    field('External', externalText(service)),
    ...(spec?.ports ?? []).flatMap(portSections),
    field('Traffic Policy', trafficPolicyText(service)),
    field('Session Affinity', affinityText(service)),
    field('Algorithm', algorithmDetail(l4, input)),
    field('Served By', servedByText(l4, input)),
    field(
      'Health',
      `${endpoints.health}, ${endpoints.readyCount} of ${endpoints.totalCount} ready`,
    ),
    table(
      'Endpoints',
      ['Address', 'Port', 'Ready', 'Serving', 'Terminating', 'Health', 'Weight', 'Node', 'Why'],
      endpoints.shown.map((one) => [
        endpointText(one),
        one.portName || '-',
        yesNo(one.judged.ready),
        yesNo(one.judged.serving),
        yesNo(one.judged.terminating),
        checkText(one.judged),
        String(one.weight),
        one.judged.endpoint.nodeName ?? '-',
        one.why || '-',
      ]),
    ),
    table('DNS', ['Name', 'Answers'], dnsRows(service, input)),
    table('Routes', ['Host', 'Path', 'Type', 'Ingress'], routeRows(service, input)),
    problemSection(service, input),
  ];
}

function portSections(port: ServicePortSpec): readonly Section[] {
  const { name = '<unset>', protocol = 'TCP', targetPort = port.port, nodePort } = port;
  return [
    field('Port', `${name}  ${port.port}/${protocol}`),
    field('TargetPort', `${targetPort}/${protocol}`),
    ...(nodePort ? [field('NodePort', `${name}  ${nodePort}/${protocol}`)] : []),
  ];
}

function trafficPolicyText({ spec }: Service): string {
  const internal = spec?.internalTrafficPolicy ?? 'Cluster';
  const external = spec?.externalTrafficPolicy;
  return external === undefined
    ? `internal ${internal}`
    : `internal ${internal}, external ${external}`;
}

function affinityText({ spec }: Service): string {
  if (spec?.sessionAffinity !== 'ClientIP') return 'None';
  return `ClientIP, ${spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800}s`;
}

/** The Service's own name and what it answers with, from the table that DNS answers from. */
function dnsRows({ metadata }: Service, input: ViewInput): readonly (readonly string[])[] {
  const { namespace = '', name } = metadata;
  const target = input.zones.services.get(`${namespace}/${name}`)?.target;
  if (target === undefined) return [];
  const own = `${name}.${namespace}.svc.${input.runtime.clusterDomain}`;
  switch (target.kind) {
    case 'ClusterIP':
      return [[own, target.addresses.join(', ')]];
    case 'Headless':
      return [[own, target.endpoints.map((one) => one.address).join(', ') || 'no ready endpoint']];
    case 'ExternalName':
      return [[own, `CNAME ${target.externalName}`]];
  }
}

function routeRows({ metadata }: Service, input: ViewInput): readonly (readonly string[])[] {
  return [...input.routes.hosts.values()].flatMap(({ host, routes }) =>
    routes.flatMap(({ backend, path, pathType, ingress }) => {
      const pool = backend.kind === 'pool' ? input.routes.pools.get(backend.pool) : undefined;
      const leadsHere = pool?.namespace === metadata.namespace && pool?.service === metadata.name;
      const row = [host || '*', path, pathType, `${ingress.namespace}/${ingress.name}`];
      return leadsHere ? [row] : [];
    }),
  );
}

function list(values: readonly string[] | undefined): readonly string[] {
  return values === undefined || values.length === 0 ? [] : [values.join(', ')];
}
