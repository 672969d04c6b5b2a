import { spawnSync } from 'node:child_process';
import { addresses, type HostName, type Lab } from './lab.ts';
import type { Outcome, PacketCase, Source } from './packet-table.ts';

/** Long enough for a busy machine; only silence costs it. */
const timeoutMs = 1_500;

const hostOfSource: Readonly<Record<Source, HostName>> = {
  pod: 'client',
  node: 'node',
  other: 'outside',
  hairpin: 'podA',
};

/** Sends one case's packet and says what came of it. */
async function sendCase(
  lab: Lab,
  { source, family, protocol, host, port }: PacketCase,
): Promise<Outcome | string> {
  const asker = hostOfSource[source];
  const from = addresses[family][asker];
  const text = await lab.hosts[asker].tell({ kind: 'ask', protocol, host, port, from, timeoutMs });
  if (text === 'refused' || text === 'reset' || text === 'silence') return { kind: text };
  const [by = '', seen = ''] = text.split(' ');
  if (by !== 'podA' && by !== 'podFar') return text;
  return { kind: 'answer', by, masqueraded: seen !== from };
}

/** Fewer than a host may refuse in one burst: net.ipv4.icmp_msgs_burst, 50. */
const refusedTogether = 48;

/**
 * Sends every case's packet; returns one line for each that got elsewhere. Those that are to be
 * refused come after the others: a raw SCTP socket hears of every refusal between two addresses,
 * whichever packet it was for.
 */
export async function wrongOutcomes(
  lab: Lab,
  cases: readonly PacketCase[],
): Promise<readonly string[]> {
  const { refused = [], others = [] } = Object.groupBy(cases, ({ expected }) =>
    expected.kind === 'refused' ? 'refused' : 'others',
  );
  const wrong = [...(await wrongOfTogether(lab, others))];
  for (let from = 0; from < refused.length; from += refusedTogether) {
    wrong.push(...(await wrongOfTogether(lab, refused.slice(from, from + refusedTogether))));
  }
  return wrong.map(({ line }) => line);
}

/**
 * A kernel tells a bounded number of refusals a second, shared with whatever else it refuses: who
 * heard nothing asks again. What is dropped stays silent however often it is asked.
 */
async function wrongOfTogether(
  lab: Lab,
  cases: readonly PacketCase[],
  asksLeft: number = 2,
): Promise<readonly Wrong[]> {
  const wrong = await wrongNow(lab, cases);
  const unheard = wrong.filter(
    ({ one, got }) => one.expected.kind === 'refused' && got === silence,
  );
  if (unheard.length === 0 || asksLeft === 0) return wrong;
  const again = unheard.map(({ one }) => one);
  const others = wrong.filter((one) => !unheard.includes(one));
  return [...others, ...(await wrongOfTogether(lab, again, asksLeft - 1))];
}

const silence = JSON.stringify({ kind: 'silence' });

interface Wrong {
  readonly one: PacketCase;
  readonly got: string;
  /** For people. */
  readonly line: string;
}

async function wrongNow(lab: Lab, cases: readonly PacketCase[]): Promise<readonly Wrong[]> {
  const outcomes = await Promise.all(
    cases.map(async (one) => ({ one, outcome: await sendCase(lab, one) })),
  );
  return outcomes
    .map(
      ({ one, outcome }) => [one, JSON.stringify(outcome), JSON.stringify(one.expected)] as const,
    )
    .filter(([, got, wanted]) => got !== wanted)
    .map(([one, got, wanted]) => ({ one, got, line: `${one.name}: ${got} instead of ${wanted}` }));
}

/** Why the lab cannot run here; undefined: it can. In CI that is an error and no reason. */
export function labMissing(...programs: readonly string[]): string | undefined {
  const why = whyMissing(programs);
  if (why !== undefined && process.env['CI']) throw new Error(`the lab must run in CI: ${why}`);
  return why;
}

function whyMissing(programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  for (const program of ['ip', ...programs]) {
    const found = spawnSync('which', [program]).status === 0;
    if (!found) return `needs the program ${program}`;
  }
  const trial = `portolan-${process.pid}-trial`;
  if (spawnSync('ip', ['netns', 'add', trial]).status !== 0)
    return 'may not make network namespaces';
  spawnSync('ip', ['netns', 'delete', trial]);
  return undefined;
}
