import type { Bench } from '../bench.ts';
import { bench as l7 } from './index.ts';

/** Some of the rows under a name of their own. */
export function partOfL7(name: string, summary: string, cases: readonly string[]): Bench {
  const { requires = [], peers = [] } = l7;
  return {
    name,
    summary,
    cases,
    requires,
    peers,
    partOf: l7.name,
    run: async (context) =>
      await l7.run({ ...context, only: context.only.length > 0 ? context.only : cases }),
  };
}
