import type { EndpointActivity } from './endpoint-tally.ts';

/** What goes through one Service port now, for views. */
export interface ServicePortActivity {
  /** `ServicePort.key`. */
  readonly key: string;
  /** TCP connections, those still being connected among them, or UDP sessions. */
  readonly active: number;
  readonly endpoints: readonly EndpointActivity[];
}
