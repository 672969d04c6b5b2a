import type { Pod } from '../../controller/objects/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { none, pairsText, namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'READY' },
  { name: 'STATUS' },
  { name: 'AGE' },
  { name: 'IP' },
  { name: 'NODE' },
  { name: 'LABELS', wide: true },
];

/** `portolan get pods`. No restarts and no containers: without a kubelet there are none to count. */
export function viewPods(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('Pod', query, input);
  const rows = objects.map((pod) => [
    pod.metadata.namespace ?? '',
    pod.metadata.name,
    readyText(pod),
    statusText(pod),
    ageText(pod.metadata.creationTimestamp, input.nowMs),
    pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip ?? none,
    pod.spec?.nodeName ?? none,
    pairsText(pod.metadata.labels),
  ]);
  return { columns, rows, objects };
}

/** `yes`, `no`, or `-` when nobody said: such Pods count as ready. */
export function readyText({ status }: Pod): string {
  const ready = status?.conditions?.find((one) => one.type === 'Ready');
  if (ready === undefined) return '-';
  return ready.status === 'True' ? 'yes' : 'no';
}

/** The phase; `Terminating` once deletion began. */
export function statusText({ metadata, status }: Pod): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? '-') : 'Terminating';
}
