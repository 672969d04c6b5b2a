/** Records and zones in text form (RFC 1035 §5). */
export * from './parse.ts';
export { parseRecord } from './record.ts';
export { typeNumber } from './record-data.ts';
export { formatRecord } from './format.ts';
