import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchArguments {
  /** Benchmarks in the order in which they run. */
  readonly names: readonly string[];
  /** Cases of the one benchmark; empty: all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  /** Where the figures go as JSON; undefined: nowhere. */
  readonly json: string | undefined;
  /** Where the report page goes; undefined: nowhere. */
  readonly report: string | undefined;
  /** The revision that the benchmark is run at too, by turns. */
  readonly against: string | undefined;
}

export const usage = `usage: npm run bench -- NAME [CASE ...] [--quick] [--json FILE] [--report FILE.html]
       npm run bench -- all [--quick] [--json FILE] [--report FILE.html]
       npm run bench -- NAME [CASE ...] --against REVISION [--quick]`;

/** Where `all` writes its page when nothing else is said. */
const defaultReport = 'bench/report.html';

/**
 * Reads the command line. `known`: every benchmark and its cases.
 * @throws Error in one line for people
 */
export function readArguments(
  args: readonly string[],
  known: ReadonlyMap<string, readonly string[]>,
): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      report: { type: 'string' },
      against: { type: 'string' },
    },
  });
  const [name, ...only] = positionals;
  const { quick, json, report, against } = values;
  if (name === undefined) throw new Error('name a benchmark, or all');
  if (name === 'all') {
    if (only.length > 0) throw new Error(`all takes no cases, but ${only[0]} was given`);
    if (against !== undefined) throw new Error('--against compares one benchmark, not all');
    const names = [...known.keys()];
    return { names, only, quick, json, report: report ?? defaultReport, against };
  }
  const cases = known.get(name);
  if (cases === undefined) throw new Error(`${name} is no benchmark`);
  const stranger = only.find((one) => !cases.includes(one));
  if (stranger !== undefined) {
    const choice = cases.length > 0 ? `: choose of ${cases.join(', ')}` : ', and it has none';
    throw new Error(`${stranger} is no case of ${name}${choice}`);
  }
  return { names: [name], only, quick, json, report, against };
}
