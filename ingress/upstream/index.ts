/** Connections to endpoints: made, kept between requests, and given up when they must be. */
export type { UpstreamConnection } from './connection.ts';
export { Upstreams } from './upstreams.ts';
export type { UpstreamFailure, UpstreamUser } from './user.ts';
