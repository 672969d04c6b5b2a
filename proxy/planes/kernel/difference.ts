import type { ServiceDiff, ServicePort, ServiceTable } from '../../compile/table.ts';

/** What leads from one table to another, when no diff says so. Equal objects are the same ones. */
export function difference(from: ServiceTable, to: ServiceTable): ServiceDiff {
  const upserted = [...to.ports.values()].filter(
    (port: ServicePort) => from.ports.get(port.key) !== port,
  );
  const removed = [...from.ports.keys()].filter((key) => !to.ports.has(key));
  return { fromGeneration: from.generation, upserted, removed };
}
