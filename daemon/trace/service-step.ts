import type { ServicePort } from '../../proxy/compile/table.ts';
import { targetId } from '../../proxy/balancer/index.ts';
import { explainChoice } from './endpoint-choice.ts';
import type { TraceClient, TraceInput } from './input.ts';
import { note, passed, stopped, type TraceStep } from './trace.ts';

/** By which of a Service's addresses it was reached: it decides the traffic policy. */
export type ReachedBy = 'cluster IP' | 'node port' | 'external IP' | 'load balancer address';

/** How L4 forwards a connection to one Service port. */
export function servicePortSteps(
  port: ServicePort,
  reachedBy: ReachedBy,
  client: TraceClient,
  input: TraceInput,
): { readonly steps: readonly TraceStep[]; readonly outcome: string } {
  const steps: TraceStep[] = [planeStep(port, input)];
  const isInternal = reachedBy === 'cluster IP';
  const policy = isInternal ? port.internalPolicy : port.externalPolicy;
  const endpoints = policy === 'Local' ? port.localEndpoints : port.clusterEndpoints;
  const field = isInternal ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  steps.push(
    note(
      'traffic policy',
      `reached by ${reachedBy}, so ${field} decides: ${policy}`,
      policy === 'Local' && !isInternal ? ['clients on this node get every endpoint'] : [],
    ),
    ...sourceRangeStep(port, reachedBy),
  );
  const unused = port.unusedEndpoints.map(
    ({ address, port: number }) => `${targetId(address, number)} is not ready: left out`,
  );
  if (endpoints.length === 0) {
    const dropped = port.hasAnyEndpoint;
    const text = dropped
      ? 'none on this node, some elsewhere: packets are dropped'
      : 'none: connections are refused';
    steps.push(stopped('endpoints', text, unused));
    return { steps, outcome: dropped ? 'No answer: dropped.' : 'Refused: no endpoint.' };
  }
  const usable = endpoints.filter(({ terminating }) => !terminating);
  const terminating =
    usable.length === 0 ? ['all are terminating, and serve until the last is gone'] : [];
  steps.push(passed('endpoints', `${endpoints.length} take traffic`, [...unused, ...terminating]));
  const choice = explainChoice(port.algorithm, endpoints, client.address);
  const affinity =
    port.affinity.kind === 'ClientIP'
      ? [`a client stays where it was for ${port.affinity.timeoutSec} s (ClientIP affinity)`]
      : [];
  steps.push(passed('balancer', choice.text, [...affinity, ...choice.details]));
  return { steps, outcome: `Answered by ${choice.who}.` };
}

function planeStep(port: ServicePort, { runtime }: TraceInput): TraceStep {
  const plane = runtime.planes.find(({ serves }) => serves === 'services');
  if (!plane) return stopped('data plane', 'none: this daemon runs with --proxy-mode none');
  const rules = runtime.kernelRules(port.key);
  const text =
    rules.length > 0 ? `${plane.name}, by these rules` : `${plane.name}, in the worker processes`;
  return passed('data plane', text, rules);
}

function sourceRangeStep(port: ServicePort, reachedBy: ReachedBy): readonly TraceStep[] {
  const ranges = port.loadBalancerSourceRanges;
  if (reachedBy !== 'load balancer address' || ranges.length === 0) return [];
  return [note('source ranges', `only clients in ${ranges.join(', ')}`)];
}
