/** Virtual IPs that fail over: VRRP as RFC 9568 and keepalived speak it. */
export { startSpeaker, type SpeakerHandle } from './speaker/speaker-handle.ts';
export type { SpeakerMessage, SpeakerReport, SpeakerRequest } from './speaker/protocol.ts';
export type { VirtualRouterSpec } from './speaker/virtual-router.ts';
