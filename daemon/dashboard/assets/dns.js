import { Sparkline } from './charts.js';
import { fill, h, table } from './dom.js';
import { milliseconds, short } from './numbers.js';

/**
 * Answers by zone and by rcode.
 * @param {import('./live.js').Live} live
 */
export function dnsView(live) {
  const line = new Sparkline();
  const rate = h('strong', {}, '–');
  const zones = h('section', { 'aria-label': 'By zone' });
  const rcodes = h('section', { 'aria-label': 'By rcode' });
  const element = h(
    'div',
    {},
    h('section', { class: 'tile' }, h('h3', {}, 'Answers/s'), rate, line.element),
    h('div', { class: 'columns' }, zones, rcodes),
  );
  function update() {
    const { traffic, samples } = live;
    if (!traffic) return;
    const { dns } = traffic;
    rate.textContent = `${short(dns.queries)}, p50 ${milliseconds(dns.p50Ms)}, p99 ${milliseconds(dns.p99Ms)}`;
    line.values = samples.map((sample) => sample.dns.queries);
    fill(zones, h('h3', {}, 'By zone'), rates('Answers by zone', 'Zone', dns.byZone));
    fill(rcodes, h('h3', {}, 'By rcode'), rates('Answers by rcode', 'Rcode', dns.byRcode));
  }
  return { element, update };
}

/**
 * @param {string} caption
 * @param {string} name
 * @param {Readonly<Record<string, number>>} values
 */
function rates(caption, name, values) {
  const rows = Object.entries(values).toSorted(([, a], [, b]) => b - a);
  return table(
    caption,
    [name, 'Answers/s'],
    rows.map(([label, value]) => [label || '(none)', short(value)]),
    'No queries in the last second.',
  );
}
