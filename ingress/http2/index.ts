import type { DeadlineWheel } from '../transport/index.ts';
import type { Http2Context } from './connection-role.ts';
import { FieldList } from './field-list.ts';
import { WriteTurn } from './frames/frame-writer.ts';

export type { Http2Context } from './connection-role.ts';

/** HTTP/2, to clients and to endpoints: what the connections of one engine share. */
export function createHttp2Context(
  wheel: DeadlineWheel,
  limits: Http2Context['limits'],
): Http2Context {
  const { headBytes, headerLines } = limits;
  return { wheel, turn: new WriteTurn(), list: new FieldList(headerLines, headBytes), limits };
}
