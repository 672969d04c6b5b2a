/** The Corefile: text → server blocks with positions. What directives mean is their plugins' affair. */
export * from './cidr.ts';
export * from './directive.ts';
export type { CorefileSource } from './expand.ts';
export * from './parse.ts';
export * from './server-key.ts';
export { corefileError, type Token } from './token.ts';
