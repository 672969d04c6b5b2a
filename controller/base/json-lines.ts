import { WireError } from './errors.ts';

/**
 * Values of a stream of JSON texts, each ended by a line feed, as watches have them.
 * @throws WireError `LineTooLong` beyond `maxBytes`, `InvalidJson`
 */
export async function* jsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      const part = chunk.subarray(start, end < 0 ? undefined : end);
      heldBytes += part.length;
      if (heldBytes > maxBytes) throw new WireError('LineTooLong', `over ${maxBytes} bytes`);
      held.push(part);
      if (end < 0) break;
      if (heldBytes > 0) yield parse(Buffer.concat(held));
      held = [];
      heldBytes = 0;
      start = end + 1;
    }
  }
  // A stream that breaks inside a text: what is there of it means nothing.
}

const lineFeed = 0x0a;

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (cause) {
    throw new WireError('InvalidJson', 'a line of the stream is no JSON', { cause });
  }
}
