import { WireError } from '../../base/index.ts';

/**
 * The two messages of `grpc.health.v1.Health/Check`, by hand: one field each does not warrant a
 * protobuf library. Framing: gRPC over HTTP/2, "Length-Prefixed-Message".
 */

/** `HealthCheckResponse.ServingStatus`. */
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type ServingStatus = (typeof servingStatuses)[number];

/** Compressed-flag (1 byte), then the message's length (4 bytes, big endian). */
const prefixBytes = 5;

/** `HealthCheckRequest { string service = 1 }`, framed. */
export function encodeHealthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  // proto3 leaves a field out that holds its default.
  const field = name.length === 0 ? [] : [Buffer.from([0x0a]), encodeVarint(name.length), name];
  const message = Buffer.concat(field);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/**
 * Status of a framed `HealthCheckResponse { ServingStatus status = 1 }`. Unknown fields are
 * skipped, as protobuf demands.
 * @throws WireError `GrpcMessage` when it is cut short, compressed or not such a message
 */
export function decodeHealthCheckResponse(framed: Buffer): ServingStatus {
  if (framed.length < prefixBytes) throw malformed('cut short');
  if (framed[0] !== 0) throw malformed('compressed, though nothing was offered');
  const endOffset = prefixBytes + framed.readUInt32BE(1);
  if (framed.length < endOffset) throw malformed('cut short');
  const message = framed.subarray(prefixBytes, endOffset);
  let status = 0;
  for (let offset = 0; offset < message.length; ) {
    const tag = readVarint(message, offset);
    const fieldNumber = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (fieldNumber === 1 && wireType === 0) {
      const field = readVarint(message, tag.next);
      status = field.value;
      offset = field.next;
    } else {
      offset = skipField(message, tag.next, wireType);
    }
    if (offset > message.length) throw malformed('cut short');
  }
  return servingStatuses[status] ?? 'UNKNOWN';
}

function skipField(message: Buffer, offset: number, wireType: number): number {
  switch (wireType) {
    case 0:
      return readVarint(message, offset).next;
    case 1:
      return offset + 8;
    case 2: {
      const length = readVarint(message, offset);
      return length.next + length.value;
    }
    case 5:
      return offset + 4;
    default:
      throw malformed(`wire type ${wireType}`);
  }
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Up to 10 bytes (64 bits). Values past 2^53 lose precision, which no field here can notice. */
function readVarint(message: Buffer, offset: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = message[offset + index];
    if (byte === undefined) throw malformed('cut short');
    value += (byte % 128) * 128 ** index;
    if (byte < 0x80) return { value, next: offset + index + 1 };
  }
  throw malformed('varint longer than 10 bytes');
}

function malformed(why: string): WireError {
  return new WireError('GrpcMessage', `malformed gRPC health response: ${why}`);
}
