/**
 * Sends one payload as VRRP to the multicast group as fast as it can: `flood.ts SOURCE HEX MS`.
 * Prints how many packets left.
 */
import { AdvertSocket } from '../../../controller/vip/link/advert-socket.ts';
import { Interfaces } from '../../../controller/vip/link/interfaces.ts';
import { LinkError } from '../../../controller/vip/link/link-error.ts';
import { Netlink } from '../../../controller/vip/link/netlink.ts';

const [source = '', hex = '', durationMs = '0'] = process.argv.slice(2);
using netlink = new Netlink();
const interfaces = new Interfaces();
for (const message of netlink.dump('links')) interfaces.take(message);
using socket = new AdvertSocket('IPv4', 'eth0', interfaces.named('eth0')?.index ?? 0);
const payload = Buffer.from(hex, 'hex');
const endMs = performance.now() + Number(durationMs);
let sent = 0;
while (performance.now() < endMs) {
  try {
    socket.send(source, '224.0.0.18', payload);
    sent += 1;
  } catch (error) {
    // The queue of the interface is full: that is what line rate means.
    if (!(error instanceof LinkError && error.code === 'ENOBUFS')) throw error;
  }
}
process.stdout.write(`${sent}\n`);
