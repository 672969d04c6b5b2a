import type { PacketCase } from './packet-table.ts';

/** How many packets of each kind were sent, and what became of them, as lines for people. */
export function packetSummary(cases: readonly PacketCase[]): readonly string[] {
  const outcome = ({ expected }: PacketCase): string => {
    if (expected.kind !== 'answer') return expected.kind;
    return expected.masqueraded ? 'answered, masqueraded' : 'answered';
  };
  const count = (of: (one: PacketCase) => string): string =>
    [...Map.groupBy(cases, of)].map(([name, group]) => `${name} ${group.length}`).join(', ');
  return [
    `${cases.length} cases, each a packet: ${count(outcome)}`,
    `sources: ${count(({ source }) => source)}`,
    `destinations: ${count(({ destination }) => destination)}`,
    `endpoints: ${count(({ state }) => state)}`,
    `families: ${count(({ family }) => family)}; protocols: ${count(({ protocol }) => protocol)}`,
  ];
}
