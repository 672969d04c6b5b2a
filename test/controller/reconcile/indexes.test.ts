import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { assert, constantFrom, dictionary, property, array, record } from 'fast-check';
import { LabelIndex } from '../../../controller/reconcile/label-index.ts';
import { SelectorIndex } from '../../../controller/reconcile/selector-index.ts';
import { service } from '../store/objects.ts';

const labels = dictionary(constantFrom('a', 'b', 'c'), constantFrom('1', '2'));
const steps = array(
  record({ name: constantFrom('x', 'y', 'z'), namespace: constantFrom('n', 'm'), labels }),
);
const covers = (all: Record<string, string>, part: Record<string, string>): boolean =>
  Object.entries(part).every(([label, value]) => all[label] === value);

test('LabelIndex finds what a scan finds', () => {
  assert(
    property(steps, labels, (steps, selector) => {
      const index = new LabelIndex();
      const model = new Map<string, Record<string, string>>();
      for (const { namespace, name, labels } of steps) {
        index.set({ namespace, name }, labels);
        if (namespace === 'n') model.set(name, labels);
      }
      const wanted = [...model].filter(([, one]) => covers(one, selector)).map(([name]) => name);
      const empty = Object.keys(selector).length === 0;
      deepEqual(index.find('n', selector), empty ? [] : wanted.toSorted());
    }),
  );
});

test('SelectorIndex finds what a scan finds', () => {
  assert(
    property(steps, labels, (steps, podLabels) => {
      const index = new SelectorIndex();
      const model = new Map<string, Record<string, string>>();
      for (const { namespace, name, labels } of steps) {
        index.set(service(`${namespace}/${name}`), labels);
        if (namespace === 'n') model.set(`n/${name}`, labels);
      }
      const wanted = [...model]
        .filter(([, selector]) => Object.keys(selector).length > 0 && covers(podLabels, selector))
        .map(([key]) => key);
      deepEqual([...index.matching('n', podLabels)].toSorted(), wanted.toSorted());
    }),
  );
});

test('what is gone is found no more', () => {
  const byLabel = new LabelIndex();
  byLabel.set({ namespace: 'n', name: 'x' }, { a: '1' });
  byLabel.set({ namespace: 'n', name: 'x' }, undefined);
  deepEqual(byLabel.find('n', { a: '1' }), []);
  const bySelector = new SelectorIndex();
  bySelector.set(service('n/x'), { a: '1' });
  bySelector.set(service('n/x'), undefined);
  deepEqual([...bySelector.matching('n', { a: '1' })], []);
  deepEqual([...bySelector.keys()], []);
});
