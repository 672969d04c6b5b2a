/** @typedef {Node | string | number | undefined | null | false} Child */

/**
 * Makes an element. Attributes that start with `on` are listeners; `false` and `undefined` leave
 * an attribute out. Text is always text: nothing that an object says becomes markup.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined | ((event: any) => void)>} [attributes]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {readonly (Child | readonly Child[])[]} children
 */
function append(element, children) {
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Puts these children in place of what the element had.
 * @param {Element} element
 * @param {...(Child | readonly Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * A table with a caption for screen readers.
 * @param {string} caption
 * @param {readonly string[]} columns
 * @param {readonly (readonly Child[])[]} rows
 * @param {string} [empty] What stands there without rows.
 * @returns {HTMLElement}
 */
export function table(caption, columns, rows, empty = 'None.') {
  if (rows.length === 0) return h('p', { class: 'dim' }, empty);
  return h(
    'table',
    {},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...columns.map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell))))),
  );
}

/**
 * A word with a colour that says the same; the word is there for those who see no colour.
 * @param {string} word
 * @returns {HTMLElement}
 */
export function badge(word) {
  return h('span', { class: `badge ${toneOf(word)}` }, word);
}

/** @param {string} word */
function toneOf(word) {
  if (/^(ready|ok|healthy|active|added|passed|answers)$/i.test(word)) return 'good';
  if (/^(degraded|panic|warning|backup|changed|note|empty)$/i.test(word)) return 'fair';
  if (/^(error|down|not ready|deleted|fault|stopped|unhealthy)$/i.test(word)) return 'bad';
  return 'plain';
}
