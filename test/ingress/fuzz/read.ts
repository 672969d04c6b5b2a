import { FrameReader } from '../../../ingress/http2/frames/frame-reader.ts';
import { HpackDecoder } from '../../../ingress/http2/hpack/decoder.ts';
import {
  BodyReader,
  breached,
  chunkedBody,
  incomplete,
  RequestParser,
  ResponseParser,
} from '../../../ingress/http1/index.ts';
import { clientPreface } from '../../../ingress/http2/frames/frame-types.ts';
import type { Kind } from './seeds.ts';

const request = new RequestParser({ targetBytes: 4_096, headBytes: 16_384, headerLines: 50 });
const response = new ResponseParser({ headBytes: 16_384, headerLines: 50 });

/** What becomes of bytes that come in those parts, as text that tells all that matters. */
export function read(kind: Kind, parts: readonly Buffer[]): string {
  switch (kind) {
    case 'request':
      return readHead(parts, (bytes) => {
        const after = request.parse(bytes, 0, bytes.length);
        const { method, target, host, version, bodyLength, fields } = request;
        const facts = [after, method, target, host, version, bodyLength, fields.count];
        return { after, text: after === breached ? request.breach : facts.join(' ') };
      });
    case 'response':
      return readHead(parts, (bytes) => {
        const after = response.parse(bytes, 0, bytes.length);
        const { status, bodyLength, fields } = response;
        const facts = [after, status, bodyLength, fields.count];
        return { after, text: after === breached ? response.breach : facts.join(' ') };
      });
    case 'chunks':
      return readChunks(parts);
    case 'frames':
      return readFrames(parts);
  }
}

/** Heads are read again from their beginning when more of them has come. */
function readHead(
  parts: readonly Buffer[],
  parse: (bytes: Buffer) => { readonly after: number; readonly text: string },
): string {
  let bytes = Buffer.alloc(0);
  for (const part of parts) {
    bytes = Buffer.concat([bytes, part]);
    const { after, text } = parse(bytes);
    if (after !== incomplete) return text;
  }
  return 'incomplete';
}

function readChunks(parts: readonly Buffer[]): string {
  const body = new BodyReader();
  body.begin(chunkedBody);
  let content = '';
  for (const part of parts) {
    for (let position = 0; position < part.length && !body.done; ) {
      const after = body.read(part, position, part.length);
      if (after === breached) return `broken ${body.breach}`;
      for (let index = 0; index < body.pieceCount; index += 1) {
        content += part.toString('latin1', body.pieces[index * 2], body.pieces[index * 2 + 1]);
      }
      if (after <= position) throw new Error('no progress');
      position = after;
    }
  }
  return body.done ? `done ${content} ${body.trailers}` : `incomplete ${content}`;
}

function readFrames(parts: readonly Buffer[]): string {
  const reader = new FrameReader();
  const decoder = new HpackDecoder();
  const log: string[] = [];
  let left = clientPreface.length;
  const sink = {
    frame(
      type: number,
      flags: number,
      streamId: number,
      bytes: Buffer,
      start: number,
      end: number,
    ): boolean {
      log.push(`${type} ${flags} ${streamId} ${bytes.toString('hex', start, end)}`);
      if (type !== 1) return true;
      let fields = 0;
      const isSound = decoder.decode(bytes, start, end, { field: () => (fields += 1) });
      log.push(`${isSound} ${fields}`);
      return isSound;
    },
    broken(code: number): void {
      log.push(`broken ${code}`);
    },
  };
  for (const part of parts) {
    const skipped = Math.min(left, part.length);
    left -= skipped;
    reader.read(part, skipped, part.length, sink);
    if (log.at(-1)?.startsWith('broken') === true || log.at(-1)?.startsWith('false') === true)
      break;
  }
  return log.join('\n');
}
