import { HeldBytes } from '../../transport/index.ts';
import {
  errorCode,
  frameHeaderBytes,
  frameType,
  maxFramePayloadBytes,
  maxWindow,
  readUint32,
} from './frame-types.ts';

/** Takes frames whose length and stream are sound. The payload is valid during the call alone. */
export interface FrameSink {
  /** False: nothing more is wanted. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean;
  /** The connection cannot go on; `code` of RFC 9113 §7. */
  broken(code: number): void;
}

/** Lengths that types of fixed length have; -1 for the others. */
const fixedLengths: readonly number[] = [-1, -1, 5, 4, -1, -1, 8, -1, 4, -1];
/** Types that belong to a stream, and those that belong to none. */
const ofStream: ReadonlySet<number> = new Set([
  frameType.data,
  frameType.headers,
  frameType.priority,
  frameType.rstStream,
  frameType.pushPromise,
  frameType.continuation,
]);
const ofConnection: ReadonlySet<number> = new Set([
  frameType.settings,
  frameType.ping,
  frameType.goAway,
]);

/**
 * Cuts what a connection reads into frames. Holds at most one frame that is not whole yet, and no
 * more of it than has come.
 */
export class FrameReader {
  #held: HeldBytes | undefined = undefined;

  /** Reads all there is. */
  read(bytes: Buffer, start: number, end: number, sink: FrameSink): void {
    const held = this.#held;
    if (!held) {
      const after = cut(bytes, start, end, sink);
      if (after >= end) return;
      this.#held = new HeldBytes(end - after);
      this.#held.append(bytes, after, end);
      return;
    }
    held.append(bytes, start, end);
    held.start = cut(held.bytes, held.start, held.end, sink);
    if (held.length === 0) this.#held = undefined;
  }
}

/** The position behind the last whole frame; `end` where nothing more is wanted. */
function cut(bytes: Buffer, start: number, end: number, sink: FrameSink): number {
  let position = start;
  while (end - position >= frameHeaderBytes) {
    const length =
      ((bytes[position] ?? 0) << 16) |
      ((bytes[position + 1] ?? 0) << 8) |
      (bytes[position + 2] ?? 0);
    const type = bytes[position + 3] ?? 0;
    const flags = bytes[position + 4] ?? 0;
    const streamId = readUint32(bytes, position + 5) & maxWindow;
    const code = faultOf(type, length, streamId);
    if (code !== errorCode.noError) {
      sink.broken(code);
      return end;
    }
    const payload = position + frameHeaderBytes;
    if (end - payload < length) break;
    position = payload + length;
    if (!sink.frame(type, flags, streamId, bytes, payload, position)) return end;
  }
  return position;
}

function faultOf(type: number, length: number, streamId: number): number {
  const fixed = fixedLengths[type] ?? -1;
  // RFC 9113 §6.3: PRIORITY is the one whose length is a matter of its stream. Nobody uses it.
  if (length > maxFramePayloadBytes || (fixed >= 0 && length !== fixed)) {
    return errorCode.frameSizeError;
  }
  if (type === frameType.settings && length % 6 !== 0) return errorCode.frameSizeError;
  if (type === frameType.goAway && length < 8) return errorCode.frameSizeError;
  const isMisplaced = streamId === 0 ? ofStream.has(type) : ofConnection.has(type);
  return isMisplaced ? errorCode.protocolError : errorCode.noError;
}
