import { clientPreface } from '../../../ingress/http2/frames/frame-types.ts';
import { HpackDecoder } from '../../../ingress/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../ingress/http2/hpack/encoder.ts';

/** Frames as bytes, written by hand: nothing here checks that they make sense. */
export function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    bytes.writeUInt16BE(id, index * 6);
    bytes.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(4, 0, 0, bytes);
}

export const settingsAck: Buffer = frame(4, 1, 0, Buffer.alloc(0));
export const preface: Buffer = clientPreface;
/** What an honest client begins with. */
export const opening: Buffer = Buffer.concat([preface, settings(), settingsAck]);

export function data(streamId: number, text: string, end: boolean): Buffer {
  return frame(0, end ? 1 : 0, streamId, Buffer.from(text, 'latin1'));
}
export function rst(streamId: number, code: number): Buffer {
  return frame(3, 0, streamId, words(code));
}
export function windowUpdate(streamId: number, by: number): Buffer {
  return frame(8, 0, streamId, words(by));
}
export function ping(): Buffer {
  return frame(6, 0, 0, Buffer.alloc(8, 7));
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** A header block without references to what came before, so that it fits anywhere. */
export function block(fields: Fields): Buffer {
  const encoder = new HpackEncoder();
  encoder.allowTable(0);
  const bytes = Buffer.alloc(100_000);
  encoder.begin(bytes);
  for (const [name, value] of fields) encoder.field(name, value);
  // Behind the size update, which belongs to the first block of a connection alone.
  return bytes.subarray(1, encoder.end());
}

export function headers(streamId: number, fields: Fields, end: boolean): Buffer {
  const bytes = block(fields);
  const flags = end ? 1 : 0;
  const room = 16_384;
  if (bytes.length <= room) return frame(1, 4 | flags, streamId, bytes);
  const first = frame(1, flags, streamId, bytes.subarray(0, room));
  return Buffer.concat([first, frame(9, 4, streamId, bytes.subarray(room))]);
}

/** GET / on app.test, with changes: an undefined value leaves the field out. */
export function request(
  over: Readonly<Record<string, string | undefined>> = {},
  more: Fields = [],
): Fields {
  const all: Readonly<Record<string, string | undefined>> = {
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': 'app.test',
    ':path': '/',
    ...over,
  };
  const first = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return [...first, ...more];
}

/** A frame that was received. */
export interface SeenFrame {
  readonly type: string;
  readonly streamId: number;
  readonly end: boolean;
  readonly ack: boolean;
  readonly payload: Buffer;
  /** Of HEADERS. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of RST_STREAM and GOAWAY. */
  readonly code: number;
}

const names = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];

/** Reads what the other side writes, as leniently as can be. */
export class FrameLog {
  readonly frames: SeenFrame[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  readonly #decoder = new HpackDecoder();

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) return;
      this.frames.push(this.#read(this.#bytes.subarray(0, end)));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  of(type: string, streamId?: number): readonly SeenFrame[] {
    return this.frames.filter(
      (one) => one.type === type && (streamId === undefined || one.streamId === streamId),
    );
  }

  #read(bytes: Buffer): SeenFrame {
    const type = names[bytes[3] ?? 0] ?? 'UNKNOWN';
    const payload = bytes.subarray(9);
    const fields: Record<string, string> = {};
    if (type === 'HEADERS') {
      this.#decoder.decode(payload, 0, payload.length, {
        field: ({ name, value }) => {
          fields[name] = value;
        },
      });
    }
    const at = type === 'GOAWAY' ? 4 : 0;
    const hasCode = type === 'GOAWAY' || type === 'RST_STREAM';
    const hasFlag = ((bytes[4] ?? 0) & 1) === 1;
    return {
      type,
      streamId: bytes.readUInt32BE(5),
      end: hasFlag && (type === 'DATA' || type === 'HEADERS'),
      ack: hasFlag && (type === 'SETTINGS' || type === 'PING'),
      payload,
      fields,
      code: hasCode ? payload.readUInt32BE(at) : 0,
    };
  }
}
