/** HTTP/1.1 on bytes: strict parsers of heads, and what is body and what is not. No I/O. */
export { type BodyPieces, BodyReader } from './body-reader.ts';
export { type Breach, statusOf } from './breach.ts';
export { type ConnectionOptions } from './connection-options.ts';
export { cleanValue, FieldEdits } from './field-edits.ts';
export { field } from './field-names.ts';
export { type BodyLength, chunkedBody, unframed, untilClose } from './framing.ts';
export { breached, HeadFields, incomplete } from './head-fields.ts';
export { keptHead, type RequestHead, type ResponseHead } from './heads.ts';
export { type RequestLimits, RequestParser } from './request-parser.ts';
export { type ResponseLimits, ResponseParser } from './response-parser.ts';
