import type { Service, ServicePortSpec } from '../../objects/index.ts';
import {
  healthCheckPortName,
  nodePortEntry,
  refusedAllocations,
  wantsHealthCheckNodePort,
  wantsNodePorts,
} from '../../store/index.ts';
import type { Allotment } from './allotment.ts';
import { type PortRange, portPool } from './pool.ts';

/** Values of the ports that a Service asks for or was refused: `TCP/30080`. */
export function askedPorts(service: Service): readonly string[] {
  const { ports = [], healthCheckNodePort } = service.spec ?? {};
  const inSpec = ports.flatMap((port) => (port.nodePort ? [valueOf(port, port.nodePort)] : []));
  const check = healthCheckNodePort ? [`TCP/${healthCheckNodePort}`] : [];
  const refused = refusedAllocations(service).filter((entry) => entry.includes('/'));
  return [...inSpec, ...check, ...refused.map((entry) => entry.split('/').slice(0, 2).join('/'))];
}

/** Gives each port of a Service its node port, if it is to have one. */
export function allotNodePorts(allotment: Allotment, range: PortRange): readonly ServicePortSpec[] {
  const { service } = allotment;
  const { ports = [] } = service.spec ?? {};
  const allocate = wantsNodePorts(service.spec ?? {});
  const done: ServicePortSpec[] = [];
  for (const [index, port] of ports.entries()) {
    const field = `nodePort/${port.protocol ?? 'TCP'}/${port.name ?? ''}`;
    const where = `spec.ports[${index}].nodePort`;
    const asked =
      port.nodePort || refusedNodePort(service, port.protocol ?? 'TCP', port.name ?? '');
    const { nodePort: _before, ...without } = port;
    if (asked) {
      const kept = keepPort(allotment, field, where, port, asked, range);
      done.push(kept ? { ...without, nodePort: asked } : without);
    } else if (allocate) {
      const nodePort = drawPort(allotment, field, where, port, range, twinOf(port, done));
      done.push(nodePort === undefined ? without : { ...without, nodePort });
    } else {
      done.push(port);
    }
  }
  return done;
}

/** `healthCheckNodePort` as it is to be; undefined: none. */
export function allotHealthCheckPort(allotment: Allotment, range: PortRange): number | undefined {
  const { service } = allotment;
  if (!wantsHealthCheckNodePort(service.spec ?? {})) return undefined;
  const where = 'spec.healthCheckNodePort';
  const port = { name: healthCheckPortName, port: 0 };
  const asked =
    service.spec?.healthCheckNodePort || refusedNodePort(service, 'TCP', healthCheckPortName);
  if (!asked) return drawPort(allotment, 'healthCheckNodePort', where, port, range, undefined);
  return keepPort(allotment, 'healthCheckNodePort', where, port, asked, range) ? asked : undefined;
}

function keepPort(
  allotment: Allotment,
  field: string,
  where: string,
  port: ServicePortSpec,
  asked: number,
  range: PortRange,
): boolean {
  const value = valueOf(port, asked);
  const twice = [...allotment.given].some(([other, given]) => given === value && other !== field);
  const holder =
    allotment.keep(field, value) ?? (twice ? 'another port of this Service' : undefined);
  if (holder !== undefined) {
    if (twice) allotment.given.delete(field);
    allotment.refused.push(nodePortEntry(port.protocol ?? 'TCP', asked, port.name ?? ''));
    allotment.problem(
      'error',
      'NodePortInUse',
      where,
      `${value} belongs to ${twice ? holder : `the older Service ${holder}`}; this port has no node port`,
      `leave ${where} out to have a free one chosen`,
    );
    return false;
  }
  if (asked < range.first || asked > range.last) {
    allotment.problem(
      'warning',
      'NodePortOutOfRange',
      where,
      `${asked} lies outside ${range.first}-${range.last}; it is used, but nothing keeps other programs off it`,
      `choose one from the range, or set --node-port-range`,
    );
  }
  return true;
}

function drawPort(
  allotment: Allotment,
  field: string,
  where: string,
  port: ServicePortSpec,
  range: PortRange,
  twin: number | undefined,
): number | undefined {
  const pool = portPool(range, port.protocol ?? 'TCP');
  const drawn = allotment.draw(field, pool, twin === undefined ? undefined : valueOf(port, twin));
  if (drawn !== undefined) return Number(drawn.split('/')[1]);
  allotment.problem(
    'error',
    'NodePortsExhausted',
    where,
    `no port of ${pool.text} is free; this port has no node port`,
    'choose a wider --node-port-range',
  );
  return undefined;
}

/** The same port under another protocol, as DNS has: it gets the same number, as upstream. */
function twinOf(port: ServicePortSpec, others: readonly ServicePortSpec[]): number | undefined {
  return others.find(
    (other) => other.port === port.port && (other.protocol ?? 'TCP') !== (port.protocol ?? 'TCP'),
  )?.nodePort;
}

function refusedNodePort(service: Service, protocol: string, name: string): number | undefined {
  const number = refusedAllocations(service)
    .map((entry) => entry.split('/'))
    .find(([ofProtocol, , ofName]) => ofProtocol === protocol && ofName === name)?.[1];
  return number === undefined ? undefined : Number(number);
}

function valueOf({ protocol = 'TCP' }: ServicePortSpec, nodePort: number): string {
  return `${protocol}/${nodePort}`;
}
