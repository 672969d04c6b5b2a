/** HTTP/1.1 on bare sockets: strict, bounded and fast. */
export { createWireEngine } from './engine.ts';
