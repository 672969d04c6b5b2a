import type { ServiceRecords } from '../../compile/index.ts';
import { type Name, parseName } from '../../wire/index.ts';
import { endpointName } from '../kubernetes/endpoint-name.ts';
import type { ZoneIndex } from '../kubernetes/zone-index.ts';

/** A Service, or one of its endpoints, as it is seen from outside. */
export interface ExternalService {
  readonly kind: 'service';
  readonly records: ServiceRecords;
  /** Of the endpoint asked for; undefined: the Service itself. */
  readonly label: string | undefined;
  readonly addresses: readonly string[];
  /** Of load balancers without an address. */
  readonly hostnames: readonly Name[];
  readonly ports: readonly number[];
}

/** What stands at a name of the external zone. */
export type ExternalPlace = ExternalService | { readonly kind: 'namespace' };

/**
 * `labels`, left of the zone: `[_port, _proto,] service, namespace`, and for headless Services
 * `endpoint, service, namespace`. Undefined: there is no such name.
 */
export function locateExternal(
  labels: Name,
  cluster: ZoneIndex,
  headless: boolean,
): ExternalPlace | undefined {
  const namespace = labels.at(-1) ?? '';
  const name = labels.at(-2);
  if (!cluster.hasNamespace(namespace)) return undefined;
  if (name === undefined) return { kind: 'namespace' };
  const records = cluster.service(namespace, name);
  if (!records) return undefined;
  switch (labels.length) {
    case 2:
      return outside(records, headless, () => true);
    case 3:
      return headless ? endpoint(records, labels[0] ?? '') : undefined;
    case 4: {
      const [port, protocol] = labels;
      const found = outside(
        records,
        headless,
        (one) =>
          port === `_${one.name.toLowerCase()}` && protocol === `_${one.protocol.toLowerCase()}`,
      );
      return found && found.ports.length > 0 ? found : undefined;
    }
    default:
      return undefined;
  }
}

interface Port {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

function outside(
  records: ServiceRecords,
  headless: boolean,
  isMeant: (port: Port) => boolean,
): ExternalService | undefined {
  const { target } = records;
  const { addresses, ports, hostnames } = seenFromOutside(target, headless);
  if (addresses.length + hostnames.length === 0) return undefined;
  const numbers = new Set(ports.filter(isMeant).map(({ port }) => port));
  return { kind: 'service', records, label: undefined, addresses, hostnames, ports: [...numbers] };
}

function seenFromOutside(
  target: ServiceRecords['target'],
  headless: boolean,
): { addresses: readonly string[]; hostnames: readonly Name[]; ports: readonly Port[] } {
  switch (target.kind) {
    case 'ClusterIP':
      return {
        addresses: target.externalAddresses,
        hostnames: (target.externalHostnames ?? []).flatMap(nameOrNone),
        ports: target.ports,
      };
    case 'Headless':
      return {
        addresses: headless ? target.endpoints.map(({ address }) => address) : [],
        hostnames: [],
        ports: target.endpoints.flatMap(({ ports }) => ports),
      };
    case 'ExternalName':
      return { addresses: [], hostnames: [], ports: [] };
  }
}

function endpoint(records: ServiceRecords, label: string): ExternalService | undefined {
  const { target } = records;
  if (target.kind !== 'Headless') return undefined;
  const own = target.endpoints.filter((one) => endpointName(one, false) === label);
  if (own.length === 0) return undefined;
  const ports = new Set(own.flatMap((one) => one.ports.map(({ port }) => port)));
  const addresses = own.map(({ address }) => address);
  return { kind: 'service', records, label, addresses, hostnames: [], ports: [...ports] };
}

function nameOrNone(text: string): readonly Name[] {
  try {
    return [parseName(text)];
  } catch {
    // What is no name leads nowhere; the API refuses it before.
    return [];
  }
}
