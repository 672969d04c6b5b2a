import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { openApiDocuments } from '../../../../controller/api/openapi/index.ts';
import { encodeMessage } from '../../../../controller/api/openapi/protobuf.ts';
import { documentMessage } from '../../../../controller/api/openapi/spec-messages.ts';

test('writes a document as its wire format has it', () => {
  const document = {
    swagger: '2.0',
    definitions: {
      A: {
        type: 'object',
        'x-a': [1],
        required: ['b'],
        properties: { b: { $ref: '#/definitions/A' } },
      },
    },
  };
  const hex = encodeMessage(documentMessage, document).toString('latin1');
  const ref = '\x0a\x0f#/definitions/A';
  const property = `\x0a\x01b\x12\x11${ref}`;
  const type = '\xb2\x01\x08\x0a\x06object';
  const extension = '\xfa\x01\x0c\x0a\x03x-a\x12\x05\x12\x03[1]';
  const required = '\x9a\x01\x01b';
  const properties = `\xca\x01\x18\x0a\x16${property}`;
  const schema = `${type}${extension}${required}${properties}`;
  const named = `\x0a\x01A\x12${String.fromCharCode(schema.length)}${schema}`;
  const definitions = `\x0a${String.fromCharCode(named.length)}${named}`;
  equal(hex, `\x0a\x032.0\x4a${String.fromCharCode(definitions.length)}${definitions}`);
});

/** Walks the wire format to the end: every length must fit. */
function fieldsOf(bytes: Buffer): number {
  let at = 0;
  let count = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    equal(varint() % 8, 2);
    const length = varint();
    at += length;
    count += 1;
  }
  equal(at, bytes.length);
  return count;
}

test('the whole document is well-formed', () => {
  const documents = openApiDocuments([
    { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, subresources: ['status'] },
  ]);
  const { body } = documents.v2Protobuf();
  equal(fieldsOf(body), 4);
  ok(body.includes('io.k8s.api.core.v1.PodSpec'));
});
