/** Cluster DNS: objects → ZoneTable (`compile`), and the server that answers from it. */
export * from './compile/index.ts';
export { checkCorefile, loadCorefile, looksLikeCorefile } from './server/corefile-source.ts';
export { needsOf, type ZoneNeed } from './server/plan.ts';
export { type DnsProbes, probesOf } from './server/probes.ts';
export { type ExplainQuestion, parseQuestion } from './explain/index.ts';
export { createDnsPlane, type DnsPlane, type DnsPlaneOptions } from './server/plane.ts';
export type { PodsMode } from './plugins/kubernetes/index.ts';
