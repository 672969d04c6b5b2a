import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `127.0.0.1` and 8080 as `/proc/net/tcp` writes them: bytes of the address reversed, all in hex. */
function procAddress(address: string, port: number): string {
  const bytes = address.split('.').map(Number).toReversed();
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}

/** Inodes of the sockets that a process holds. */
function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
}

/**
 * Which clients' connections to `address:port` a process has accepted, by the clients' ports: from
 * `/proc/net/tcp` and the process's open files.
 */
export function acceptedPorts(pid: number, address: string, port: number): ReadonlySet<number> {
  const inodes = socketInodes(pid);
  const local = procAddress(address, port);
  const ports = new Set<number>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    // sl, local_address, rem_address, st, tx:rx, tr:when, retrnsmt, uid, timeout, inode: proc(5).
    const fields = line.trim().split(/\s+/);
    const inode = fields[9];
    if (fields[1] !== local || inode === undefined || !inodes.has(inode)) continue;
    ports.add(Number.parseInt(fields[2]?.split(':')[1] ?? '', 16));
  }
  return ports;
}
