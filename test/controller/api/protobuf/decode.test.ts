import { deepEqual, doesNotThrow, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeProtobuf } from '../../../../controller/api/protobuf/decode.ts';
import { ApiError } from '../../../../controller/api/status.ts';

const field = (number: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.of((number << 3) | 2, content.length), content]);
};
const varint = (number: number, value: number): Buffer => Buffer.of(number << 3, value);
const body = (kind: string, ...content: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, 'v1'), field(2, kind)),
    field(2, Buffer.concat(content)),
  ]);

/** What `kubectl create service clusterip web --tcp=80:web` sends, empty fields and all. */
const service = body(
  'Service',
  field(1, field(1, 'web'), field(3, ''), field(8), field(11, field(1, 'app'), field(2, 'web'))),
  field(
    2,
    field(
      1,
      field(1, ''),
      varint(3, 80),
      field(4, varint(1, 1), varint(2, 0), field(3, 'web')),
      varint(5, 0),
    ),
    field(3, ''),
    field(4, 'ClusterIP'),
    varint(13, 0),
  ),
  field(3, field(1)),
);

test('a Service as kubectl sends it is what JSON would have said', () => {
  deepEqual(decodeProtobuf(service), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { ports: [{ port: 80, targetPort: 'web' }], type: 'ClusterIP' },
  });
});

test('bytes of Secrets become base64', () => {
  const secret = body('Secret', field(2, field(1, 'a'), field(2, 'b')), field(3, 'Opaque'));
  deepEqual(decodeProtobuf(secret), {
    apiVersion: 'v1',
    kind: 'Secret',
    data: { a: 'Yg==' },
    type: 'Opaque',
  });
});

const refused = [
  ['without the prefix', Buffer.from('{}'), 'BadRequest'],
  ['another kind', body('Node'), 'UnsupportedMediaType'],
  ['a field that is not known', body('ConfigMap', field(9, 'x')), 'UnsupportedMediaType'],
  ['a number where text belongs', body('Secret', varint(3, 1)), 'BadRequest'],
  ['a wire type of its own', body('ConfigMap', Buffer.of((1 << 3) | 5, 0, 0, 0, 0)), 'BadRequest'],
] as const;
for (const [what, bytes, reason] of refused) {
  test(`${what} is refused`, () => {
    throws(
      () => decodeProtobuf(bytes),
      (error) => error instanceof ApiError && error.code === reason,
    );
  });
}

test('cut off anywhere, or any bytes at all, it is decoded or refused', () => {
  const decodes = (bytes: Buffer): void => {
    try {
      decodeProtobuf(bytes);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  };
  for (let end = 0; end <= service.length; end += 1) {
    doesNotThrow(() => decodes(service.subarray(0, end)));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodes(body('Service', Buffer.from(bytes.slice(0, 120))));
      decodes(Buffer.from(bytes));
    }),
  );
});
