import { Sparkline } from './charts.js';
import { badge, fill, h, table } from './dom.js';
import { milliseconds, short } from './numbers.js';

/**
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('./live.js').TrafficSample} TrafficSample
 */

/** @type {readonly { name: string, value: (sample: TrafficSample) => number, text: (sample: TrafficSample) => string }[]} */
const tiles = [
  {
    name: 'HTTP requests/s',
    value: ({ ingress }) => ingress.requests,
    text: ({ ingress }) => short(ingress.requests),
  },
  {
    name: 'HTTP errors/s',
    value: ({ ingress }) => ingress.errors,
    text: ({ ingress }) => short(ingress.errors),
  },
  {
    name: 'HTTP p99',
    value: ({ ingress }) => ingress.p99Ms ?? 0,
    text: ({ ingress }) => `${milliseconds(ingress.p99Ms)}, p50 ${milliseconds(ingress.p50Ms)}`,
  },
  {
    name: 'L4 connections/s',
    value: ({ l4 }) => l4.connections,
    text: ({ l4 }) => `${short(l4.connections)}, ${short(l4.active)} open`,
  },
  {
    name: 'DNS answers/s',
    value: ({ dns }) => dns.queries,
    text: ({ dns }) => short(dns.queries),
  },
  {
    name: 'DNS p99',
    value: ({ dns }) => dns.p99Ms ?? 0,
    text: ({ dns }) => milliseconds(dns.p99Ms),
  },
];

/**
 * Health, rates, problems and who is busiest.
 * @param {Live} live
 */
export function overviewView(live) {
  const charts = tiles.map((tile) => ({ tile, line: new Sparkline(), text: h('strong', {}, '–') }));
  const facts = h('p', { class: 'dim' });
  const problems = h('section', { 'aria-label': 'Problems' });
  const services = h('section', { 'aria-label': 'Busiest Services' });
  const routes = h('section', { 'aria-label': 'Busiest Ingress' });
  const element = h(
    'div',
    {},
    facts,
    h(
      'div',
      { class: 'tiles' },
      charts.map(({ tile, line, text }) =>
        h('section', { class: 'tile' }, h('h3', {}, tile.name), text, line.element),
      ),
    ),
    problems,
    h('div', { class: 'columns' }, services, routes),
  );

  function update() {
    const { state, traffic, samples } = live;
    if (state) {
      const { services: count, endpointSlices, ingresses, hosts } = state.counts;
      fill(
        facts,
        `Services: ${short(count)}, EndpointSlices: ${short(endpointSlices)}, Ingresses: ${short(ingresses)}, hosts: ${short(hosts)}`,
      );
      fill(problems, h('h3', {}, 'Problems'), problemTable(state));
    }
    if (!traffic) return;
    for (const { tile, line, text } of charts) {
      text.textContent = tile.text(traffic);
      line.values = samples.map(tile.value);
    }
    fill(services, h('h3', {}, 'Busiest Services'), serviceTable(traffic));
    fill(routes, h('h3', {}, 'Busiest Ingress'), routeTable(traffic));
  }
  return { element, update };
}

/** @param {import('./live.js').NodeState} state */
function problemTable({ newestProblems }) {
  return table(
    'Problems, errors first',
    ['', 'Reason', 'Object', 'What', 'Instead'],
    newestProblems.map(({ severity, reason, object, message, instead }) => [
      badge(severity),
      reason,
      object ? [object.kind, object.namespace, object.name].filter(Boolean).join('/') : '',
      message,
      instead ?? '',
    ]),
    'None: everything that was asked for is in force.',
  );
}

/** @param {TrafficSample} sample */
function serviceTable({ services }) {
  const all = services.reduce((sum, one) => sum + one.connections + one.requests, 0);
  return table(
    'Services by connections and requests per second',
    ['Service', 'L4/s', 'HTTP/s', 'Errors/s', 'Share'],
    services
      .slice(0, 10)
      .map((one) => [
        h(
          'a',
          { href: `#/services?name=${one.service}&namespace=${one.namespace}` },
          `${one.namespace}/${one.service}`,
        ),
        short(one.connections),
        short(one.requests),
        short(one.errors),
        `${Math.round(((one.connections + one.requests) / all) * 100)} %`,
      ]),
    'No traffic in the last second.',
  );
}

/** @param {TrafficSample} sample */
function routeTable({ ingress }) {
  return table(
    'Ingresses by requests per second',
    ['Ingress', 'HTTP/s', 'Errors/s'],
    ingress.routes
      .slice(0, 10)
      .map((one) => [
        one.ingress === '' ? '(no rule)' : `${one.namespace}/${one.ingress}`,
        short(one.requests),
        short(one.errors),
      ]),
    'No traffic in the last second.',
  );
}
