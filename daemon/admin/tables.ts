import { PersistentMap } from '../../controller/base/index.ts';
import type { Certificate } from '../../ingress/compile/table.ts';
import type { PlaneTables } from '../worker/protocol.ts';

/** The newest tables; undefined before the first was compiled. */
export interface CurrentTables {
  readonly l4: PlaneTables['l4']['table'] | undefined;
  readonly dns: PlaneTables['dns']['table'] | undefined;
  readonly ingress: PlaneTables['ingress']['table'] | undefined;
}

/** The three tables for `/debug/tables`: maps as objects, sets as lists, private keys left out. */
export function tablesAsJson(tables: CurrentTables): unknown {
  return { services: plain(tables.l4), zones: plain(tables.dns), routes: plain(tables.ingress) };
}

function plain(value: unknown): unknown {
  if (value instanceof Map || value instanceof PersistentMap) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  }
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const isSecret = (key: string): boolean => key === ('privateKeyPem' satisfies keyof Certificate);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isSecret(key))
      .map(([key, item]) => [key, plain(item)]),
  );
}
