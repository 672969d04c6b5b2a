import { field, type RequestHead, unframed } from '../../http1/index.ts';

/** What may become a tunnel: others are plain requests, and lose their Upgrade field. */
export function isWebSocket({
  method,
  version,
  options,
  bodyLength,
  fields,
}: RequestHead): boolean {
  return (
    options.upgrade &&
    method === 'GET' &&
    version !== '1.0' &&
    (bodyLength === unframed || bodyLength === 0) &&
    fields.joined(field.upgrade)?.toLowerCase() === 'websocket'
  );
}
