import { badge, fill, h, table } from './dom.js';
import { clockTime } from './numbers.js';

/**
 * The virtual routers of this node: who owns the addresses, and what changed.
 * @param {import('./live.js').Live} live
 */
export function virtualIPsView(live) {
  const owners = h('section', { 'aria-label': 'Owners' });
  const history = h('section', { 'aria-label': 'History' });
  const element = h('div', {}, owners, history);
  function update() {
    const { state } = live;
    if (!state) return;
    const { virtualIPs, virtualIPHistory } = state;
    fill(
      owners,
      table(
        'Virtual IPs',
        [
          'Name',
          'State here',
          'Addresses',
          'Interface',
          'Priority',
          'Active Router',
          'Rivals',
          'Why',
        ],
        virtualIPs.map((one) => [
          one.name,
          badge(one.state),
          one.addresses.join(', '),
          one.interface,
          one.priority,
          one.active ?? '',
          one.rivals.map(({ cause, peer }) => `${peer}: ${cause}`).join(', '),
          one.reason,
        ]),
        'No VirtualIP is served by this node.',
      ),
    );
    fill(
      history,
      h('h3', {}, 'History'),
      table(
        'Changes of state, newest first',
        ['Time', 'Name', 'From', 'To', 'Why'],
        virtualIPHistory.map(({ atMs, name, from, to, reason }) => [
          clockTime(atMs),
          name,
          from,
          badge(to),
          reason,
        ]),
        'No change since the daemon started.',
      ),
    );
  }
  return { element, update };
}
