import { ageText } from '../../base/index.ts';
import type { KubeObject, Namespace, Node, Pod } from '../../objects/index.ts';
import { type Column, column, joined, none, selectorText, wide } from './column.ts';
import { numberAt, recordAt, textAt, valueAt } from './value-at.ts';

/** `kubectl get pods`, after NAME. No restarts: without a kubelet there are none to count. */
export const podColumns: readonly Column<Pod>[] = [
  column('Ready', ({ spec, status }) => {
    const total = spec?.containers.length ?? 0;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return `${ready?.status === 'True' ? total : 0}/${total}`;
  }),
  column('Status', ({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Unknown') : 'Terminating',
  ),
  { ...column<Pod>('Restarts', () => 0), type: 'integer' },
];

export const podWideColumns: readonly Column<Pod>[] = [
  wide('IP', ({ status }) => status?.podIP ?? status?.podIPs?.[0]?.ip ?? none),
  wide('Node', ({ spec }) => spec?.nodeName ?? none),
];

/** `kubectl get nodes`, after NAME. */
export const nodeColumns: readonly Column<Node>[] = [
  column('Status', ({ status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready === undefined) return 'Unknown';
    return ready.status === 'True' ? 'Ready' : 'NotReady';
  }),
  column('Roles', ({ metadata }) => {
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(metadata.labels ?? {}).filter((key) => key.startsWith(prefix));
    return joined(roles.map((key) => key.slice(prefix.length)));
  }),
];

export const nodeWideColumns: readonly Column<Node>[] = [
  wide('Internal-IP', (node) => addressOf(node, 'InternalIP')),
  wide('External-IP', (node) => addressOf(node, 'ExternalIP')),
];

function addressOf({ status }: Node, wanted: string): string {
  return status?.addresses?.find(({ type }) => type === wanted)?.address ?? none;
}

export const namespaceColumns: readonly Column<Namespace>[] = [
  column('Status', ({ status }) => status?.phase ?? 'Active'),
];

/** `kubectl get deployments` and `statefulsets`, after NAME. */
export const deploymentColumns: readonly Column[] = [
  column('Ready', (one: KubeObject) => {
    return `${numberAt(one, 'status.readyReplicas')}/${numberAt(one, 'spec.replicas', 1)}`;
  }),
  column('Up-to-date', (one: KubeObject) => numberAt(one, 'status.updatedReplicas')),
  column('Available', (one: KubeObject) => numberAt(one, 'status.availableReplicas')),
];

export const replicaSetColumns: readonly Column[] = [
  column('Desired', (one: KubeObject) => numberAt(one, 'spec.replicas', 1)),
  column('Current', (one: KubeObject) => numberAt(one, 'status.replicas')),
  column('Ready', (one: KubeObject) => numberAt(one, 'status.readyReplicas')),
];

/** Of everything that has a Pod template. */
export const templateWideColumns: readonly Column[] = [
  wide('Containers', (one: KubeObject) => joined(containers(one, 'name'))),
  wide('Images', (one: KubeObject) => joined(containers(one, 'image'))),
  wide('Selector', (one: KubeObject) => selectorText(recordAt(one, 'spec.selector.matchLabels'))),
];

function containers(object: KubeObject, field: string): readonly string[] {
  const list = valueAt(object, 'spec.template.spec.containers');
  return Array.isArray(list) ? list.map((one: unknown) => textAt(one, field)) : [];
}

export const leaseColumns: readonly Column[] = [
  column('Holder', (one: KubeObject) => textAt(one, 'spec.holderIdentity')),
];

/** `kubectl get events` has no NAME in front. */
export const eventColumns: readonly Column[] = [
  column('Last Seen', (one: KubeObject, nowMs) => {
    const seen =
      textAt(one, 'lastTimestamp') || textAt(one, 'eventTime') || one.metadata.creationTimestamp;
    return ageText(seen, nowMs);
  }),
  column('Type', (one: KubeObject) => textAt(one, 'type')),
  column('Reason', (one: KubeObject) => textAt(one, 'reason')),
  column('Object', (one: KubeObject) => {
    const kind = textAt(one, 'involvedObject.kind').toLowerCase();
    return `${kind}/${textAt(one, 'involvedObject.name')}`;
  }),
  wide('Source', (one: KubeObject) => textAt(one, 'source.component')),
  column('Message', (one: KubeObject) => textAt(one, 'message').trim()),
  wide('Count', (one: KubeObject) => numberAt(one, 'count', 1)),
  wide('Name', ({ metadata }: KubeObject) => metadata.name),
];
