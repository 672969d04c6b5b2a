import { badge, fill, h } from './dom.js';
import { short } from './numbers.js';

/**
 * @typedef {import('./live.js').Live} Live
 * @typedef {{ columns: readonly { name: string, wide?: true }[], rows: readonly (readonly string[])[], total: number }} Page
 */

const rowHeight = 32;
const pageSize = 100;
const refreshMs = 5000;

/**
 * A list of any length: the daemon searches and pages, and only the rows in sight are elements.
 * Follows changes of its kind every few seconds while it is open.
 */
export class ResourceList {
  #live;
  #resource;
  #search = '';
  #total = 0;
  /** @type {Page['columns']} */
  #columns = [];
  /** @type {Map<number, readonly (readonly string[])[]>} Rows by page. */
  #pages = new Map();
  /** @type {Set<number>} */
  #asked = new Set();
  #generation = 0;
  #head = h('tr');
  #body = h('tbody');
  #count = h('p', { class: 'dim', role: 'status' });
  #detail = h('section', { class: 'detail', 'aria-label': 'Details', 'aria-live': 'polite' });
  #scroller;
  #timer;
  element;

  /**
   * @param {Live} live
   * @param {string} resource
   * @param {URLSearchParams} query `name` and `namespace` open an object at once.
   */
  constructor(live, resource, query) {
    this.#live = live;
    this.#resource = resource;
    const search = h('input', {
      type: 'search',
      placeholder: 'search',
      'aria-label': `Search ${resource}`,
      oninput: (/** @type {InputEvent} */ event) => {
        this.#search = /** @type {HTMLInputElement} */ (event.target).value;
        this.#reload();
        this.#scroller.scrollTop = 0;
      },
    });
    this.#scroller = h(
      'div',
      {
        class: 'scroller',
        tabindex: 0,
        role: 'region',
        'aria-label': resource,
        onscroll: () => this.#draw(),
      },
      h('table', {}, h('caption', {}, resource), h('thead', {}, this.#head), this.#body),
    );
    this.element = h('div', {}, search, this.#count, this.#scroller, this.#detail);
    this.#timer = setInterval(() => this.#reload(), refreshMs);
    this.#reload();
    const name = query.get('name');
    if (name) void this.#describe(query.get('namespace') ?? '', name);
  }

  close() {
    clearInterval(this.#timer);
  }

  /** Rates change each second, the rows themselves seldom. */
  update() {
    this.#draw();
  }

  /** Rows in sight stay until their successors are there. */
  #reload() {
    this.#generation += 1;
    this.#asked.clear();
    void this.#load(Math.floor(this.#firstInSight() / pageSize));
  }

  #firstInSight() {
    return Math.max(0, Math.floor(this.#scroller.scrollTop / rowHeight));
  }

  /** @param {number} page */
  async #load(page) {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const generation = this.#generation;
    const query = new URLSearchParams({
      offset: String(page * pageSize),
      limit: String(pageSize),
      search: this.#search,
    });
    try {
      const answer = await fetch(`/debug/view/${this.#resource}?${query}`);
      if (!answer.ok) throw new Error(await answer.text());
      const { columns, rows, total } = /** @type {Page} */ (await answer.json());
      if (generation !== this.#generation) return;
      if (this.#asked.size === 1) this.#pages.clear();
      this.#columns = columns;
      this.#total = total;
      this.#pages.set(page, rows);
      this.#draw();
    } catch (error) {
      // The daemon restarts: the next round asks again, and the old rows stay in sight.
      this.#count.textContent = `not loaded: ${String(error)}`;
    }
  }

  #draw() {
    const names = [...this.#columns.filter(({ wide }) => !wide).map(({ name }) => name), 'PER S'];
    fill(
      this.#head,
      names.map((name) => h('th', { scope: 'col' }, name)),
    );
    const text = `${this.#total} ${this.#resource}${this.#search ? ` match “${this.#search}”` : ''}`;
    if (this.#count.textContent !== text) this.#count.textContent = text;
    const first = this.#firstInSight();
    const inSight = Math.ceil(this.#scroller.clientHeight / rowHeight) + 2;
    const last = Math.min(this.#total, first + inSight);
    const rows = [];
    for (let index = first; index < last; index += 1) rows.push(this.#row(index, names.length));
    fill(
      this.#body,
      spacer(first, names.length),
      rows,
      spacer(Math.max(0, this.#total - last), names.length),
    );
  }

  /**
   * @param {number} index
   * @param {number} width
   */
  #row(index, width) {
    const page = Math.floor(index / pageSize);
    const cells = this.#pages.get(page)?.[index % pageSize];
    if (!cells) {
      void this.#load(page);
      return h('tr', {}, h('td', { colspan: width, class: 'dim' }, 'loading'));
    }
    const [namespace = '', name = ''] = cells;
    const shown = cells.flatMap((cell, column) => {
      const { name: heading, wide } = this.#columns[column] ?? { name: '' };
      if (wide) return [];
      if (heading === 'NAME') return [h('td', {}, this.#link(namespace, name))];
      return [h('td', { title: cell }, heading === 'HEALTH' && cell !== '-' ? badge(cell) : cell)];
    });
    return h('tr', {}, ...shown, h('td', {}, this.#rate(namespace, name)));
  }

  /**
   * @param {string} namespace
   * @param {string} name
   */
  #link(namespace, name) {
    return h(
      'button',
      { class: 'link', onclick: () => void this.#describe(namespace, name) },
      name,
    );
  }

  /**
   * @param {string} namespace
   * @param {string} name
   */
  #rate(namespace, name) {
    const { traffic } = this.#live;
    if (!traffic) return '';
    if (this.#resource === 'services') {
      const one = traffic.services.find((it) => it.namespace === namespace && it.service === name);
      return one ? short(one.connections + one.requests) : '';
    }
    const one = traffic.ingress.routes.find(
      (it) => it.namespace === namespace && it.ingress === name,
    );
    return one ? short(one.requests) : '';
  }

  /**
   * @param {string} namespace
   * @param {string} name
   */
  async #describe(namespace, name) {
    const path = [this.#resource, namespace || '-', name].map(encodeURIComponent).join('/');
    const answer = await fetch(`/debug/describe/${path}`).catch(() => undefined);
    const text = answer ? await answer.text() : 'The daemon does not answer.';
    fill(
      this.#detail,
      h('h3', {}, `${namespace}/${name}`),
      h('button', { onclick: () => fill(this.#detail) }, 'Close'),
      h('pre', {}, text),
    );
    this.#detail.scrollIntoView({ block: 'nearest' });
  }
}

/**
 * Stands for rows out of sight, so that the scroll bar tells the truth.
 * @param {number} rows
 * @param {number} width
 */
function spacer(rows, width) {
  if (rows <= 0) return undefined;
  const row = h('tr', { 'aria-hidden': 'true' }, h('td', { colspan: width }));
  row.style.height = `${rows * rowHeight}px`;
  return row;
}
