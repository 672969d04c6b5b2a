/** HTTP/1.1 on node:http, forwarded by http-proxy: the engine that leans on what everybody knows. */
export { createCompatEngine } from './engine.ts';
