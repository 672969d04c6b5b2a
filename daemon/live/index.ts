/** What the dashboard and `portolan top` see of a running daemon, as it happens. */
export { ChangeHistory, type ObjectChange } from './change-history.ts';
export { livePath, liveStream, type LiveSources } from './event-stream.ts';
export type { NodeState, PlaneState, WorkerState } from './node-state.ts';
export { trafficQueries } from './readings.ts';
export { TrafficSampler, type TrafficSample } from './traffic-sampler.ts';
export { VirtualIPHistory, type VirtualIPChange } from './virtual-ip-history.ts';
