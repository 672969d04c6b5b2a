import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bed, vip } from './bed.ts';

export const products = ['portolan', 'keepalived'] as const;
export type Product = (typeof products)[number];

/** The VRRP part of the daemon, in a process of its own. */
const speaker = fileURLToPath(new URL('../../test/lab/vrrp/node.ts', import.meta.url));

/** The configuration of our speaker for so many virtual routers. */
function ourRouters(priority: number, adverIntervalMs: number, count: number): string {
  return JSON.stringify(
    Array.from({ length: count }, (_, at) => ({
      name: `vip-${at}`,
      family: 'IPv4',
      interface: 'eth0',
      vrid: at + 1,
      version: 3,
      priority,
      adverIntervalMs,
      preempt: true,
      preemptDelayMs: 0,
      addresses: [{ address: at === 0 ? vip : `10.9.1.${at}`, prefixLength: 32 }],
      excludedAddresses: [],
      checksum: 'pseudo-header',
      trackInterfaces: [],
      rivals: 'yield',
    })),
  );
}

/** Starts our speaker with so many virtual routers, the first of which holds the address. */
export function startPortolan(
  bed: Bed,
  host: number,
  priority: number,
  intervalMs: number,
  count: number,
): ChildProcess {
  return bed.run(host, process.execPath, speaker, ourRouters(priority, intervalMs, count));
}

/** Starts one virtual router. */
export function start(
  bed: Bed,
  product: Product,
  host: number,
  priority: number,
  intervalMs: number,
): ChildProcess {
  if (product === 'portolan') {
    return startPortolan(bed, host, priority, intervalMs, 1);
  }
  const file = bed.file(
    `${host}.conf`,
    `vrrp_instance v {
      state BACKUP
      interface eth0
      version 3
      virtual_router_id 1
      priority ${priority}
      advert_int ${intervalMs / 1000}
      virtual_ipaddress {
        ${vip}/32
      }
    }`,
  );
  const pid = (name: string): string => `${bed.directory}/${name}-${host}.pid`;
  const args = ['-n', '-P', '-f', file, '-p', pid('main'), '-r', pid('vrrp')];
  return bed.run(host, 'keepalived', ...args);
}
