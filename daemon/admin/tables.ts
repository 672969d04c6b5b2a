import { PersistentMap } from '../../controller/base/index.ts';
import type { UpstreamTls } from '../../ingress/compile/route-options.ts';
import type { Certificate } from '../../ingress/compile/table.ts';
import type { BasicAuthSettings } from '../../ingress/filters/access/basic-auth.ts';
import type { PlaneTables } from '../worker/protocol.ts';

/** The newest tables; undefined before the first was compiled. */
export interface CurrentTables {
  readonly l4: PlaneTables['l4']['table'] | undefined;
  readonly dns: PlaneTables['dns']['table'] | undefined;
  readonly ingress: PlaneTables['ingress']['table'] | undefined;
}

/**
 * Fields of tables that planes alone may read: private keys, password hashes. Whoever adds a secret
 * to a table names it here, by the type that it stands in.
 */
const secretFields: ReadonlySet<string> = new Set([
  'privateKeyPem' satisfies keyof Certificate & keyof UpstreamTls,
  'users' satisfies keyof BasicAuthSettings,
]);

/** The three tables for `/debug/tables`: maps as objects, sets as lists, secrets left out. */
export function tablesAsJson(tables: CurrentTables): unknown {
  const { l4, dns, ingress } = tables;
  return {
    services: withoutSecrets(l4),
    zones: withoutSecrets(dns),
    routes: withoutSecrets(ingress),
  };
}

/** A part of a table as JSON may have it: maps as objects, secrets left out. */
export function withoutSecrets(value: unknown): unknown {
  if (value instanceof Map || value instanceof PersistentMap) {
    return Object.fromEntries([...value].map(([key, item]) => [key, withoutSecrets(item)]));
  }
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !secretFields.has(key))
      .map(([key, item]) => [key, withoutSecrets(item)]),
  );
}
