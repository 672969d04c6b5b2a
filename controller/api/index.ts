/** The embedded Kubernetes API: what kubectl speaks to when there is no cluster. */
export { type Api, type ApiOptions, startApi } from './start.ts';
