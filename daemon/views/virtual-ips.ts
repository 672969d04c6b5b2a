import type { VirtualIPStatus } from '../../controller/vip/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { none, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  { name: 'NAME' },
  { name: 'STATE' },
  { name: 'ADDRESSES' },
  { name: 'INTERFACE' },
  { name: 'VRID' },
  { name: 'PRIORITY' },
  { name: 'ACTIVE' },
  { name: 'RIVALS' },
  { name: 'AGE' },
  { name: 'REASON', wide: true },
  { name: 'FAILOVER', wide: true },
];

/**
 * `portolan get vips`: what this node does for each virtual IP, one row for each family that it
 * elects; one without a state where this node takes no part; and the addresses leased from pools.
 */
export function viewVirtualIPs(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('VirtualIP', query, input);
  const rows = objects.flatMap(({ metadata, spec }) => {
    const age = ageText(metadata.creationTimestamp, input.nowMs);
    const running = input.runtime.virtualIPs.filter(({ name }) => isOf(name, metadata.name));
    if (running.length === 0) {
      const { addresses, interface: device, virtualRouterID } = spec;
      const part = [addresses.join(','), device, String(virtualRouterID)];
      return [[metadata.name, none, ...part, none, none, none, age, 'takes no part', none]];
    }
    return running.map((one) => rowOf(one, age));
  });
  const leased = input.runtime.virtualIPs.filter(
    (one) =>
      query.name === undefined && !objects.some(({ metadata }) => isOf(one.name, metadata.name)),
  );
  return { columns, rows: [...rows, ...leased.map((one) => rowOf(one, none))], objects };
}

function rowOf(one: VirtualIPStatus, age: string): readonly string[] {
  return [
    one.name,
    one.state,
    one.addresses.join(','),
    one.interface,
    String(one.virtualRouterID),
    String(one.priority),
    one.active ?? none,
    one.rivals.length === 0 ? none : one.rivals.map(({ cause }) => cause).join(','),
    age,
    one.reason,
    `${one.worstFailoverMs}ms`,
  ];
}

/** A router is named as its object, or with the family behind a slash where there are two. */
function isOf(router: string, object: string): boolean {
  return router === object || router.startsWith(`${object}/`);
}
