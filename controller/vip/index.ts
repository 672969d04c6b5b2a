/** Virtual IPs that fail over: VRRP as RFC 9568 and keepalived speak it. */
export {
  startVirtualIPs,
  type VirtualIPOptions,
  type VirtualIPs,
  type VirtualIPStatus,
} from './start.ts';
export type { SpeakerMessage, SpeakerReport, SpeakerRequest } from './speaker/protocol.ts';
export { startSpeaker, type SpeakerHandle } from './speaker/speaker-handle.ts';
export type { VirtualRouterSpec, VirtualRouterStatus } from './speaker/virtual-router.ts';
