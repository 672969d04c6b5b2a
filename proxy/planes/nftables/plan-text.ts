import { Ledger } from './ledger.ts';
import type { ServiceObjects } from './objects.ts';
import { putStatic, type StaticRules } from './static-rules.ts';
import { Transaction } from './transaction.ts';

/** Everything that a cold start writes, as one text that `nft -f` takes. Pure. */
export function planText(
  table: string,
  rules: StaticRules,
  desired: ReadonlyMap<string, ServiceObjects>,
): string {
  const transaction = new Transaction(table);
  putStatic(rules, transaction);
  const ledger = new Ledger();
  for (const [owner, objects] of desired) ledger.replace(owner, objects, transaction);
  return transaction.toString();
}
