import { systemClock } from '../../controller/base/index.ts';
import { objectKey, zoneLabel } from '../../controller/objects/index.ts';
import { ZoneCompiler, type ZoneNeed } from '../../dns/index.ts';
import { type ClassRules, RouteCompiler } from '../../ingress/index.ts';
import { ServiceCompiler } from '../../proxy/index.ts';
import type { Configuration } from '../config/index.ts';
import type { PipelineOptions } from './pipeline.ts';

/** What `IngressClass.spec.controller` says for the classes that are ours. */
const ingressController = 'portolan.dev/ingress';

type Compilers = Pick<PipelineOptions, 'services' | 'zones' | 'zonePods' | 'routes' | 'onNode'>;

/** What the compilers need of the configuration. */
export type CompilerSettings = Pick<
  Configuration,
  | 'nodeName'
  | 'ingressClass'
  | 'ingressClasses'
  | 'ingressWithoutClass'
  | 'ingressConfigMap'
  | 'ingressAnnotationsPrefix'
  | 'serviceProxyName'
>;

/** The three compilers, as this configuration and its Corefile want them. */
export function createCompilers(
  settings: CompilerSettings,
  zoneNeeds: ReadonlySet<ZoneNeed> = new Set(),
): Compilers {
  const { nodeName, serviceProxyName } = settings;
  const services = new ServiceCompiler({ name: nodeName, zone: undefined, serviceProxyName });
  return {
    services,
    zones: new ZoneCompiler({ labels: zoneNeeds.has('labels') }),
    zonePods: zoneNeeds.has('pods'),
    routes: new RouteCompiler({
      ...classRules(settings),
      clock: systemClock,
      annotationPrefix: settings.ingressAnnotationsPrefix,
      configMap: settings.ingressConfigMap && objectKey(settings.ingressConfigMap),
    }),
    onNode: (node) =>
      services.setNode({
        name: nodeName,
        zone: node?.metadata.labels?.[zoneLabel],
        serviceProxyName,
      }),
  };
}

/** Which Ingresses are ours. */
export function classRules({
  ingressClass,
  ingressClasses,
  ingressWithoutClass,
}: Pick<CompilerSettings, 'ingressClass' | 'ingressClasses' | 'ingressWithoutClass'>): ClassRules {
  return {
    ingressClassName: ingressClass,
    controllerName: ingressController,
    classes: ingressClasses,
    watchWithoutClass: ingressWithoutClass === 'on',
  };
}
