import type { ServicePort } from '../../proxy/compile/table.ts';
import type { TraceClient, TraceInput } from './input.ts';
import { type ReachedBy, servicePortSteps } from './service-step.ts';
import type { TraceTarget } from './target.ts';
import { passed, stopped, type Trace } from './trace.ts';
import { virtualIPStep } from './virtual-ip-owner.ts';

type ServiceTarget = Extract<TraceTarget, { kind: 'service' }>;
type AddressTarget = Extract<TraceTarget, { kind: 'address' }>;

/** Traces a connection to a Service by its name. */
export function traceService(
  target: ServiceTarget,
  text: string,
  client: TraceClient,
  input: TraceInput,
): Trace {
  const { namespace, name, port, protocol } = target;
  const service = input.store.get('Service', namespace, name);
  if (!service) {
    return failed(text, 'Service', `there is no Service ${namespace}/${name}`);
  }
  if (service.spec?.type === 'ExternalName') {
    const other = service.spec.externalName ?? '';
    return failed(text, 'Service', `it is a name for ${other}: DNS answers, L4 has no part in it`);
  }
  const ports = [...input.services.ports.values()].filter(
    (one) => one.namespace === namespace && one.name === name,
  );
  const found = ports.find(
    (one) => one.protocol === protocol && (one.portName === port || String(one.port) === port),
  );
  if (!found) {
    const has = ports.map((one) => `${one.portName || one.port}/${one.protocol}`);
    const list = has.length > 0 ? `it has ${[...new Set(has)].join(', ')}` : 'it has none in L4';
    return failed(text, 'port', `${namespace}/${name} has no port ${port}/${protocol}: ${list}`);
  }
  const where = found.clusterIP === undefined ? 'no cluster IP' : `cluster IP ${found.clusterIP}`;
  const first = passed('Service', `${namespace}/${name}, ${where}, port ${found.port}`);
  const { steps, outcome } = servicePortSteps(found, 'cluster IP', client, input);
  return { target: text, steps: [first, ...steps], outcome };
}

/** Traces a connection to an address: a cluster IP, node port, external or balancer address. */
export function traceAddress(
  target: AddressTarget,
  text: string,
  client: TraceClient,
  input: TraceInput,
): Trace {
  const owner = virtualIPStep(target.address, input);
  const found = findByAddress(target, input.services.ports.values());
  if (!found) {
    const { address, port, protocol } = target;
    const trace = failed(text, 'Service', `no Service has ${address} port ${port}/${protocol}`);
    return { ...trace, steps: [...owner, ...trace.steps] };
  }
  const { port, reachedBy } = found;
  const first = passed('Service', `${port.namespace}/${port.name}: its ${reachedBy}`);
  const { steps, outcome } = servicePortSteps(port, reachedBy, client, input);
  const elsewhere = owner.some(({ verdict }) => verdict === 'stopped');
  return {
    target: text,
    steps: [...owner, first, ...steps],
    outcome: elsewhere ? 'Answered by another node, which holds the address.' : outcome,
  };
}

function findByAddress(
  { address, port: number, protocol }: AddressTarget,
  ports: Iterable<ServicePort>,
): { readonly port: ServicePort; readonly reachedBy: ReachedBy } | undefined {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  for (const port of ports) {
    if (port.protocol !== protocol || port.family !== family) continue;
    if (port.port === number) {
      if (port.clusterIP === address) return { port, reachedBy: 'cluster IP' };
      if (port.loadBalancerIPs.includes(address)) {
        return { port, reachedBy: 'load balancer address' };
      }
      if (port.externalIPs.includes(address)) return { port, reachedBy: 'external IP' };
    }
    // Which of the node's addresses serve node ports is the plane's business.
    if (port.nodePort !== 0 && port.nodePort === number) return { port, reachedBy: 'node port' };
  }
  return undefined;
}

function failed(target: string, step: string, text: string): Trace {
  return { target, steps: [stopped(step, text)], outcome: `Nobody answers: ${text}.` };
}
