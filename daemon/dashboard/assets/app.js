import { changesView } from './changes.js';
import { dnsView } from './dns.js';
import { badge, fill, h } from './dom.js';
import { Live } from './live.js';
import { overviewView } from './overview.js';
import { planesView } from './planes.js';
import { ResourceList } from './resource-list.js';
import { traceView } from './trace.js';
import { virtualIPsView } from './virtual-ips.js';

/**
 * One view: what it shows, and how it follows the news. `close` ends what it started.
 * @typedef {{ element: HTMLElement, update?: () => void, close?: () => void }} View
 */

const live = new Live();
const main = element('view');
/** @type {View | undefined} */
let shown;

/** @type {Record<string, { title: string, open: (query: URLSearchParams) => View }>} */
const views = {
  '/': { title: 'Overview', open: () => overviewView(live) },
  '/services': { title: 'Services', open: (query) => new ResourceList(live, 'services', query) },
  '/ingresses': { title: 'Ingress', open: (query) => new ResourceList(live, 'ingresses', query) },
  '/dns': { title: 'DNS', open: () => dnsView(live) },
  '/vips': { title: 'Virtual IPs', open: () => virtualIPsView(live) },
  '/planes': { title: 'Data planes', open: () => planesView(live) },
  '/changes': { title: 'Changes', open: () => changesView(live) },
  '/trace': { title: 'Trace', open: (query) => traceView(query) },
};

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Shows the view that the address names. */
function route() {
  const [path = '/', query = ''] = (location.hash.slice(1) || '/').split('?');
  const view = views[path] ?? views['/'];
  if (!view) return;
  shown?.close?.();
  shown = view.open(new URLSearchParams(query));
  document.title = `${view.title} – Portolan`;
  fill(main, h('h2', {}, view.title), shown.element);
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#${path}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  shown.update?.();
}

function updateHeader() {
  const { state, connected } = live;
  if (state) {
    const { nodeName, version, ready, problems } = state;
    const found = problems.errors + problems.warnings;
    fill(
      element('node'),
      `node ${nodeName} · ${version} · `,
      badge(ready ? 'ready' : 'not ready'),
      found > 0 && h('a', { href: '#/planes' }, ` ${found} problem${found === 1 ? '' : 's'}`),
    );
  }
  const text = connected ? 'live' : 'no connection: trying again';
  const connection = element('connection');
  // A screen reader would read it again at each news.
  if (connection.textContent !== text) connection.textContent = text;
  connection.className = connected ? 'good' : 'bad';
}

live.addEventListener('news', () => {
  updateHeader();
  shown?.update?.();
});
addEventListener('hashchange', () => {
  route();
  main.focus();
});
route();
updateHeader();
live.open();
