/** UDP for the userspace plane: listening fronts, and the sessions of their clients. */
export { UdpFront } from './front.ts';
export type { UdpSessionHost } from './session.ts';
export { UdpSessionTable } from './session-table.ts';
