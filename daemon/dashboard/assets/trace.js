import { badge, fill, h } from './dom.js';

/** @typedef {import('../../trace/index.ts').Trace} Trace */

/**
 * The route tester: which rule, backend and endpoint would serve, and why the others would not.
 * @param {URLSearchParams} query `target` and `from` ask at once.
 */
export function traceView(query) {
  const target = input('URL, "dns NAME TYPE" or SERVICE:PORT', 'target', query.get('target') ?? '');
  const from = input('client address', 'from', query.get('from') ?? '');
  const result = h('section', { 'aria-label': 'Result', 'aria-live': 'polite' });
  const form = h(
    'form',
    {
      class: 'trace',
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        void ask();
      },
    },
    h('label', {}, 'Trace ', target),
    h('label', {}, 'from ', from),
    h('button', {}, 'Trace'),
  );
  async function ask() {
    const asked = new URLSearchParams({ target: target.value, from: from.value });
    const answer = await fetch(`/debug/trace?${asked}`).catch(() => undefined);
    if (!answer?.ok) {
      fill(
        result,
        h('p', { class: 'bad' }, answer ? await answer.text() : 'The daemon does not answer.'),
      );
      return;
    }
    fill(result, traceSteps(/** @type {Trace} */ (await answer.json())));
  }
  if (target.value) void ask();
  return { element: h('div', {}, form, result) };
}

/**
 * @param {string} placeholder
 * @param {string} name
 * @param {string} value
 */
function input(placeholder, name, value) {
  const element = h('input', { name, placeholder, value });
  return /** @type {HTMLInputElement} */ (element);
}

/** @param {Trace} trace */
function traceSteps({ steps, outcome }) {
  return h(
    'div',
    {},
    h(
      'ol',
      { class: 'steps' },
      steps.map(({ name, verdict, text, details }) =>
        h(
          'li',
          {},
          h('h3', {}, name, ' ', badge(verdict)),
          h('p', {}, text),
          details.length > 0 &&
            h(
              'ul',
              {},
              details.map((detail) => h('li', {}, detail)),
            ),
        ),
      ),
    ),
    h('p', {}, h('strong', {}, outcome)),
  );
}
