/** The annotations of ingress-nginx: what they are called, how they are written, what they do. */
export { annotationDifferences } from './differences.ts';
export { missingHeaderMaps, readControllerConfig } from './controller-config.ts';
export { IngressAnnotations, ownPrefix, type ReadingRules } from './read.ts';
export { defaultPrefix } from './registry.ts';
