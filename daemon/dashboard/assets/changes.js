import { badge, fill, h, table } from './dom.js';
import { clockTime } from './numbers.js';

const maxShown = 200;

/**
 * The newest changes of objects.
 * @param {import('./live.js').Live} live
 */
export function changesView(live) {
  let wanted = '';
  let shownSequence = -1;
  const list = h('section', { 'aria-label': 'Changes' });
  const search = h('input', {
    type: 'search',
    placeholder: 'kind, namespace or name',
    'aria-label': 'Search changes',
    oninput: (/** @type {InputEvent} */ event) => {
      wanted = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase();
      shownSequence = -1;
      update();
    },
  });
  function update() {
    const newest = live.changes[0]?.sequence ?? 0;
    if (newest === shownSequence) return;
    shownSequence = newest;
    const found = live.changes.filter(({ kind, namespace, name }) =>
      `${kind}/${namespace}/${name}`.toLowerCase().includes(wanted),
    );
    fill(
      list,
      table(
        'Changes of objects, newest first',
        ['Time', '', 'Object', 'Fields'],
        found
          .slice(0, maxShown)
          .map(({ atMs, type, kind, namespace, name, fields }) => [
            clockTime(atMs),
            badge(type),
            [kind, namespace, name].filter(Boolean).join('/'),
            fields.join(', '),
          ]),
        'No change since the daemon started.',
      ),
    );
  }
  return { element: h('div', {}, search, list), update };
}
