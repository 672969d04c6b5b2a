/** What may become an object: the published schema, the API server's rules, its defaults. */
export * from './admit.ts';
export * from './defaults.ts';
export * from './field-path.ts';
export * from './issue.ts';
export { type ShapeFindings, validateShape } from './shape.ts';
export * from './names.ts';
export { nearest } from './suggest.ts';
