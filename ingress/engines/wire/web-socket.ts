import { field, type RequestParser, unframed } from '../../http1/index.ts';

/** What may become a tunnel: others are plain requests, and lose their Upgrade field. */
export function isWebSocket({
  method,
  minorVersion,
  options,
  bodyLength,
  fields,
}: RequestParser): boolean {
  return (
    options.upgrade &&
    method === 'GET' &&
    minorVersion === 1 &&
    (bodyLength === unframed || bodyLength === 0) &&
    fields.joined(field.upgrade)?.toLowerCase() === 'websocket'
  );
}
