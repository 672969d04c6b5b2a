/** Connections to endpoints: made, kept between requests, and given up when they must be. */
export { type UpstreamLink, upstreamLink } from './link.ts';
export type { EndpointStreams, UpstreamRequest, UpstreamStream } from './stream.ts';
export { Upstreams } from './upstreams.ts';
export type { UpstreamFailure, UpstreamUser } from './user.ts';
