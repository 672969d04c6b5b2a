import { selectObjects } from './select.ts';
import {
  bundleOf,
  checkText,
  endpointsOf,
  endpointText,
  sliceIndex,
  yesNo,
} from './service-endpoints.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { none, namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'SERVICE' },
  { name: 'ADDRESS' },
  { name: 'READY' },
  { name: 'SERVING' },
  { name: 'TERMINATING' },
  { name: 'HEALTH' },
  { name: 'WEIGHT' },
  { name: 'NODE' },
  { name: 'WHY' },
  { name: 'PORT', wide: true },
  { name: 'ZONE', wide: true },
  { name: 'TARGET', wide: true },
  { name: 'SLICE', wide: true },
];

/**
 * `portolan get endpoints`: where each Service's traffic goes, and what keeps the rest away.
 * Readiness is what the planes use, with health applied. `name` is the Service's.
 */
export function viewEndpoints(query: ViewQuery, input: ViewInput): ViewTable {
  const slicesOf = sliceIndex(input.store, query.namespace);
  const services = selectObjects('Service', query, input);
  const bundles = services.map((service) => bundleOf(service, slicesOf(service), input.store));
  const rows = bundles.flatMap((bundle) =>
    endpointsOf(bundle).shown.map((shown) => {
      const { judged } = shown;
      const { nodeName, zone, targetRef } = judged.endpoint;
      return [
        bundle.service.metadata.namespace ?? '',
        bundle.service.metadata.name,
        endpointText(shown),
        yesNo(judged.ready),
        yesNo(judged.serving),
        yesNo(judged.terminating),
        checkText(judged),
        String(shown.weight),
        nodeName ?? none,
        shown.why || '-',
        shown.portName || none,
        zone ?? none,
        targetRef?.name === undefined ? none : `${targetRef.kind ?? 'Pod'}/${targetRef.name}`,
        judged.slice.metadata.name,
      ];
    }),
  );
  return { columns, rows, objects: bundles.flatMap((bundle) => bundle.slices) };
}
