import { deepEqual, equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { maxWeight, parseWeights, weightOf } from '../../../controller/objects/index.ts';

const texts = [
  // text                                entries                                    left out
  [undefined, {}, 0],
  ['', {}, 0],
  ['  ', {}, 0],
  ['10.0.0.1=5', { '10.0.0.1': 5 }, 0],
  [' 10.0.0.1 = 5 , default=0 ', { '10.0.0.1': 5, default: 0 }, 0],
  ['[fd00::1]:8080=3,fd00::2=4', { '[fd00::1]:8080': 3, 'fd00::2': 4 }, 0],
  ['a=1000,b=1001', { a: 1000 }, 1],
  ['a=1,a=2', { a: 2 }, 0],
  ['a=-1', {}, 1],
  ['a=1.5', {}, 1],
  ['a=', {}, 1],
  ['=5', {}, 1],
  ['5', {}, 1],
  ['a=1,,b=2', { a: 1, b: 2 }, 1],
] as const;

suite('parseWeights', () => {
  for (const [text, entries, leftOut] of texts) {
    test(`"${text}"`, () => {
      const { byAddress, errors } = parseWeights(text);
      deepEqual(Object.fromEntries(byAddress), entries);
      equal(errors.length, leftOut);
    });
  }

  test('any text: no throw, and weights in range alone', () => {
    const piece = fc.oneof(fc.constantFrom('=', ',', ':', '10.0.0.1', '7', ' '), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const weight of parseWeights(pieces.join('')).byAddress.values()) {
          ok(Number.isInteger(weight) && weight >= 0 && weight <= maxWeight);
        }
      }),
    );
  });

  test('a long text without any sense takes no time', () => {
    const startMs = performance.now();
    parseWeights(' '.repeat(100_000) + '='.repeat(100_000));
    ok(performance.now() - startMs < 2_000);
  });
});

const lookups = [
  // Service's               slice's        address      port  weight  why
  ['', '', '10.0.0.1', 80, 1, 'nobody says anything'],
  ['10.0.0.1=5', '', '10.0.0.1', 80, 5, 'by address'],
  ['10.0.0.1:80=7,10.0.0.1=5', '', '10.0.0.1', 80, 7, 'the port is more exact'],
  ['10.0.0.1:81=7,10.0.0.1=5', '', '10.0.0.1', 80, 5, 'another port'],
  ['[fd00::1]:80=7', '', 'fd00::1', 80, 7, 'IPv6 with port in brackets'],
  ['fd00::1=6', '', 'fd00::1', 80, 6, 'IPv6 without'],
  ['default=3', '', '10.0.0.1', 80, 3, 'default'],
  ['10.0.0.1=0', '10.0.0.1=5', '10.0.0.1', 80, 0, 'the Service comes first, also with 0'],
  ['10.0.0.2=9', '10.0.0.1=5', '10.0.0.1', 80, 5, 'the slice where the Service is silent'],
  ['default=2', '10.0.0.1=5', '10.0.0.1', 80, 2, "the Service's default hides the slice"],
] as const;

suite('weightOf', () => {
  for (const [service, slice, address, port, weight, why] of lookups) {
    test(why, () => {
      equal(weightOf([parseWeights(service), parseWeights(slice)], address, port), weight);
    });
  }
});
