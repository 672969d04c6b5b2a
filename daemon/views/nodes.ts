import { type Node, zoneLabel } from '../../controller/objects/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { listText, none, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  { name: 'NAME' },
  { name: 'STATUS' },
  { name: 'AGE' },
  { name: 'INTERNAL-IP' },
  { name: 'ZONE' },
  { name: 'THIS NODE' },
  { name: 'POD CIDR', wide: true },
];

/** `portolan get nodes`. */
export function viewNodes(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('Node', query, input);
  const rows = objects.map((node) => [
    node.metadata.name,
    nodeStatusText(node),
    ageText(node.metadata.creationTimestamp, input.nowMs),
    listText(
      (node.status?.addresses ?? [])
        .filter((one) => one.type === 'InternalIP')
        .map((one) => one.address),
    ),
    node.metadata.labels?.[zoneLabel] ?? none,
    node.metadata.name === input.runtime.nodeName ? 'yes' : '',
    listText(node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])),
  ]);
  return { columns, rows, objects };
}

/** `Ready`, `NotReady` or `Unknown`, from the Ready condition, as kubectl has it. */
export function nodeStatusText({ status }: Node): string {
  const ready = status?.conditions?.find((one) => one.type === 'Ready');
  if (ready === undefined) return 'Unknown';
  return ready.status === 'True' ? 'Ready' : 'NotReady';
}
