import { ApiError, badRequest } from '../status.ts';
import { type Message, messages } from './messages.ts';
import { Reader, type WireField } from './reader.ts';

/** What every protobuf body of Kubernetes begins with. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Deeper than any of the messages that are known. */
const maxDepth = 16;

/**
 * Reads a body of `application/vnd.kubernetes.protobuf` into what JSON would have said. Only the
 * messages that clients insist on are known: a field that is not is refused, never dropped.
 * @throws ApiError 400, 415
 */
export function decodeProtobuf(bytes: Buffer): unknown {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw badRequest('the body is no Kubernetes protobuf: it lacks the prefix k8s');
  }
  const envelope = decodeMessage('Unknown', bytes.subarray(magic.length), 0);
  const { typeMeta, raw } = envelope;
  const { apiVersion = '', kind = '' } = (typeMeta ?? {}) as Readonly<Record<string, string>>;
  if (!Object.hasOwn(messages, kind)) throw unknown(`kind ${JSON.stringify(kind)}`);
  const content = raw instanceof Uint8Array ? Buffer.from(raw) : Buffer.alloc(0);
  return { ...withoutEmpty(decodeMessage(kind, content, 0)), apiVersion, kind };
}

type Fields = Record<string, unknown>;

function decodeMessage(name: string, bytes: Buffer, depth: number): Fields {
  if (depth > maxDepth) throw badRequest('the protobuf body is nested too deeply');
  const message: Message = messages[name] ?? {};
  const result: Fields = {};
  for (const field of new Reader(bytes)) {
    const known = message[field.number];
    // The envelope has fields of its own that say nothing (contentType, contentEncoding).
    if (known === undefined && name === 'Unknown') continue;
    if (known === undefined) throw unknown(`field ${field.number} of ${name}`);
    const [key, type] = known;
    if (type === 'skip') continue;
    put(result, key, type, field, depth);
  }
  return result;
}

function put(result: Fields, key: string, type: string, field: WireField, depth: number): void {
  if (key === 'inline') {
    Object.assign(result, decodeMessage(type, bytesOf(field), depth + 1));
  } else if (type.startsWith('[')) {
    const list = (result[key] ??= []) as unknown[];
    list.push(decodeValue(type.slice(1, -1), field, depth));
  } else if (type.startsWith('{')) {
    const map = (result[key] ??= {}) as Fields;
    const [name, value] = decodeEntry(type.slice(1, -1), bytesOf(field), depth);
    // A key of any name is data, `__proto__` too.
    Object.defineProperty(map, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else {
    result[key] = decodeValue(type, field, depth);
  }
}

/** A map is written as a list of messages with key 1 and value 2. */
function decodeEntry(type: string, bytes: Buffer, depth: number): readonly [string, unknown] {
  let key = '';
  let value: unknown = '';
  for (const field of new Reader(bytes)) {
    if (field.number === 1) key = bytesOf(field).toString('utf8');
    else value = decodeValue(type, field, depth);
  }
  return [key, value];
}

function decodeValue(type: string, field: WireField, depth: number): unknown {
  switch (type) {
    case 'string':
      return bytesOf(field).toString('utf8');
    case 'bytes':
      return bytesOf(field);
    case 'base64':
      return bytesOf(field).toString('base64');
    case 'int':
      return numberOf(field);
    case 'bool':
      return numberOf(field) !== 0;
    case 'int-or-string':
      return decodeIntOrString(bytesOf(field));
    case 'time':
      return decodeTime(bytesOf(field), false);
    case 'micro-time':
      return decodeTime(bytesOf(field), true);
    default:
      return withoutEmpty(decodeMessage(type, bytesOf(field), depth + 1));
  }
}

/** `util/intstr`: type 0 is a number, 1 text. */
function decodeIntOrString(bytes: Buffer): number | string {
  let isText = false;
  let number = 0;
  let text = '';
  for (const field of new Reader(bytes)) {
    if (field.number === 1) isText = numberOf(field) === 1;
    else if (field.number === 2) number = numberOf(field);
    else text = bytesOf(field).toString('utf8');
  }
  return isText ? text : number;
}

/** RFC 3339; the zero of Go, which is written without any field, is no time. */
function decodeTime(bytes: Buffer, hasMicroseconds: boolean): string | undefined {
  let seconds = 0;
  let nanos = 0;
  for (const field of new Reader(bytes)) {
    if (field.number === 1) seconds = numberOf(field);
    else nanos = numberOf(field);
  }
  const milliseconds = seconds * 1000;
  if (bytes.length === 0 || Math.abs(milliseconds) > 8.64e15) return undefined;
  const whole = new Date(milliseconds).toISOString().slice(0, 19);
  const micros = String(Math.trunc(nanos / 1000)).padStart(6, '0');
  return hasMicroseconds ? `${whole}.${micros}Z` : `${whole}Z`;
}

/** Numbers and flags that clients write even when they mean nothing by them. */
const zeroMeansAbsent: ReadonlySet<string> = new Set([
  'generation',
  'healthCheckNodePort',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostPort',
  'minReadySeconds',
  'nodePort',
  'number',
  'paused',
  'publishNotReadyAddresses',
  'stdin',
  'stdinOnce',
  'targetPort',
  'tty',
]);

/**
 * Clients write every field that is no pointer, empty ones too, where JSON leaves them out: an
 * empty clusterIP, node port 0, a status without anything.
 */
function withoutEmpty(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => {
      if (value === undefined || value === '') return false;
      if (value === 0 || value === false) return !zeroMeansAbsent.has(key);
      const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
      return !isEmpty || key === 'metadata' || key === 'resources';
    }),
  );
}

function bytesOf({ value }: WireField): Buffer {
  if (typeof value === 'bigint')
    throw badRequest('the protobuf body has a number in place of text');
  return value;
}

function numberOf({ value }: WireField): number {
  if (typeof value !== 'bigint')
    throw badRequest('the protobuf body has text in place of a number');
  return Number(BigInt.asIntN(64, value));
}

function unknown(what: string): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `${what} is not understood as protobuf - accepted media types include: application/json, application/yaml`,
  );
}
