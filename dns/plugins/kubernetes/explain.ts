import type { ServiceRecords } from '../../compile/index.ts';
import type { Name } from '../../wire/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { locate } from './locate.ts';

/** Which object stands at `labels`, left of the cluster domain, or why none does. */
export function explainPlace(labels: Name, view: ClusterView): readonly string[] {
  if (!view.synced) return ['no objects are listed yet'];
  const place = locate(labels, view);
  switch (place.kind) {
    case 'absent':
      return [whyAbsent(labels, view)];
    case 'empty-non-terminal':
      return ['names exist below this one, and no record here'];
    case 'apex':
      return ['the cluster domain itself'];
    case 'service':
      return [describeService(place.records)];
    case 'port':
      return [
        `port ${place.labels.port}/${place.labels.protocol} of ${describeService(place.records)}`,
      ];
    case 'endpoint':
      return [`endpoint ${place.name} of ${describeService(place.records)}`];
    case 'zonal':
      return [`${place.endpoints.length} endpoints of ${describeService(place.records)}`];
    case 'pod':
      return [`the name of a Pod address in namespace ${place.namespace}`];
    case 'dns-version':
      return ['the version of the schema'];
    case 'name-server':
      return ['this server'];
  }
}

/** The cluster address or endpoint that a reverse name stands for. */
export function explainAddress(address: string | undefined, view: ClusterView): readonly string[] {
  if (address === undefined) return ['no whole address'];
  const service = view.serviceAt(address);
  if (service) return [`${address} is a cluster IP of ${describeService(service)}`];
  const behind = view.servicesBehind(address);
  if (behind.length === 0) return [`${address} is no cluster IP, and no ready endpoint has it`];
  return behind.map((records) => `${address} is an endpoint of ${describeService(records)}`);
}

function describeService({ namespace, name, target }: ServiceRecords): string {
  const service = `Service ${namespace}/${name}`;
  switch (target.kind) {
    case 'ClusterIP': {
      const addresses = target.addresses.length > 0 ? target.addresses.join(' ') : 'none yet';
      return `${service}: cluster IP ${addresses}, ${target.endpoints.length} ready endpoints`;
    }
    case 'Headless':
      return `${service}: headless, ${target.endpoints.length} ready endpoints`;
    case 'ExternalName':
      return `${service}: ExternalName ${target.externalName}`;
  }
}

function whyAbsent(labels: Name, view: ClusterView): string {
  const kind = labels.at(-1);
  if (kind !== 'svc' && kind !== 'pod') return `"${kind}" is neither svc nor pod`;
  const namespace = labels.at(-2) ?? '';
  if (!view.hasNamespace(namespace)) {
    return `there is no namespace ${namespace}, or this kubernetes line hides it`;
  }
  if (kind === 'pod') return 'no address in the form 10-0-0-1';
  const name = labels.at(-3) ?? '';
  const records = view.service(namespace, name);
  if (!records) return `there is no Service ${namespace}/${name}, or this kubernetes line hides it`;
  const { target } = records;
  if (target.kind === 'Headless' && target.endpoints.length === 0) {
    return `${describeService(records)}: without one there is no name`;
  }
  if (target.kind === 'ExternalName') return `nothing is below ${describeService(records)}`;
  if (labels.length === 4)
    return `no ready endpoint of ${describeService(records)} is called ${labels[0]}`;
  const ports =
    target.kind === 'ClusterIP' ? target.ports : target.endpoints.flatMap((one) => one.ports);
  const names = [
    ...new Set(
      ports.flatMap(({ name: port, protocol }) =>
        port ? [`_${port}._${protocol.toLowerCase()}`] : [],
      ),
    ),
  ];
  return `Service ${namespace}/${name} has no such port (named ones: ${names.join(' ') || 'none'})`;
}
