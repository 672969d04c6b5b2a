import type { IncomingMessage } from 'node:http';
import { type Body, readJsonBody, readYamlBody } from '../body/index.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';
import { ApiError } from '../status.ts';

/** As the API server: 3 MiB, twice what etcd takes for one object. */
export const maxBodyBytes: number = 3 * 1024 * 1024;

/** Reads a whole body. @throws ApiError 413 for one that is too long */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // An iterator would cost as much as the rest of a small request.
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else reject(tooLarge(maxBytes));
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', reject);
  request.once('close', () => reject(new ApiError(400, 'BadRequest', 'the body is not whole')));
  return await promise;
}

/** The media type of a body, without parameters and in lower case; JSON when none is named. */
export function mediaTypeOf(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

/** Reads a body of the types that objects are written in. @throws ApiError 415; BodyError */
export function parseBody(bytes: Buffer, mediaType: string): Body {
  const text = bytes.toString('utf8');
  switch (mediaType) {
    case 'application/json':
      return readJsonBody(text);
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return readYamlBody(text);
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(bytes), duplicates: [] };
    default:
      throw unsupported(mediaType, ['application/json', 'application/yaml']);
  }
}

/** 415, with what is accepted. */
export function unsupported(mediaType: string, accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', `${message}; not ${mediaType}`);
}

function tooLarge(maxBytes: number): ApiError {
  const message = `Request entity too large: limit is ${maxBytes}`;
  return new ApiError(413, 'RequestEntityTooLarge', message);
}
