import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../bench/arguments.ts';

const known = new Map([
  ['l4', ['kept', 'new']],
  ['scale', []],
]);
const unsaid = {
  only: [],
  quick: false,
  json: undefined,
  report: undefined,
  against: undefined,
} as const;

const accepted = [
  { args: ['l4'], means: { ...unsaid, names: ['l4'] } },
  { args: ['l4', 'new', 'kept'], means: { ...unsaid, names: ['l4'], only: ['new', 'kept'] } },
  { args: ['l4', '--quick'], means: { ...unsaid, names: ['l4'], quick: true } },
  { args: ['scale', '--json', 'a'], means: { ...unsaid, names: ['scale'], json: 'a' } },
  { args: ['l4', '--against', 'v1'], means: { ...unsaid, names: ['l4'], against: 'v1' } },
  { args: ['all'], means: { ...unsaid, names: ['l4', 'scale'], report: 'bench/report.html' } },
  {
    args: ['all', '--report', 'r.html'],
    means: { ...unsaid, names: ['l4', 'scale'], report: 'r.html' },
  },
] as const;

for (const { args, means } of accepted) {
  test(`bench ${args.join(' ')}`, () => deepEqual(readArguments(args, known), means));
}

const refused = [
  { args: [], says: /name a benchmark/ },
  { args: ['l5'], says: /l5 is no benchmark/ },
  { args: ['l4', 'old'], says: /old is no case of l4: choose of kept, new/ },
  { args: ['scale', 'big'], says: /big is no case of scale, and it has none/ },
  { args: ['all', 'kept'], says: /all takes no cases/ },
  { args: ['all', '--against', 'v1'], says: /--against compares one benchmark/ },
  { args: ['l4', '--fast'], says: /--fast/ },
] as const;

for (const { args, says } of refused) {
  test(`bench ${args.join(' ')} is refused`, () => {
    throws(() => readArguments(args, known), { message: says });
  });
}
