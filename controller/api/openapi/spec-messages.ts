import { isJsonObject, type JsonObject } from '../patch/json.ts';
import type { Message } from './protobuf.ts';

/**
 * The messages of an OpenAPI 2.0 document (package openapi.v2 of github.com/google/gnostic), as far
 * as `openApiV2` writes them: kubectl before 1.27 reads the document in no other form.
 */
const schema: Message = {
  fields: {
    $ref: [1, 'string'],
    format: [2, 'string'],
    title: [3, 'string'],
    description: [4, 'string'],
    default: [5, 'any'],
    multipleOf: [6, 'double'],
    maximum: [7, 'double'],
    exclusiveMaximum: [8, 'bool'],
    minimum: [9, 'double'],
    exclusiveMinimum: [10, 'bool'],
    maxLength: [11, 'int64'],
    minLength: [12, 'int64'],
    pattern: [13, 'string'],
    maxItems: [14, 'int64'],
    minItems: [15, 'int64'],
    uniqueItems: [16, 'bool'],
    maxProperties: [17, 'int64'],
    minProperties: [18, 'int64'],
    required: [19, 'string'],
    additionalProperties: [21, (): Message => additionalProperties],
    type: [22, (): Message => typeItem],
    items: [23, (): Message => itemsItem],
    properties: [25, (): Message => properties],
  },
  extensions: 31,
};

const additionalProperties: Message = {
  fields: { schema: [1, (): Message => schema], boolean: [2, 'bool'] },
  shape: (value) => (typeof value === 'boolean' ? { boolean: value } : { schema: value }),
};
const typeItem: Message = { fields: { value: [1, 'string'] }, shape: (value) => ({ value }) };
const itemsItem: Message = {
  fields: { schema: [1, (): Message => schema] },
  shape: (value) => ({ schema: value }),
};
const properties: Message = {
  fields: { all: [1, { named: (): Message => schema }] },
  shape: (value) => ({ all: value }),
};

const bodyParameter: Message = {
  fields: {
    name: [2, 'string'],
    in: [3, 'string'],
    required: [4, 'bool'],
    schema: [5, (): Message => schema],
  },
};
const queryParameter: Message = {
  fields: {
    in: [2, 'string'],
    name: [4, 'string'],
    type: [6, 'string'],
    uniqueItems: [20, 'bool'],
  },
};
const pathParameter: Message = {
  fields: {
    required: [1, 'bool'],
    in: [2, 'string'],
    name: [4, 'string'],
    type: [5, 'string'],
    uniqueItems: [19, 'bool'],
  },
};
const nonBodyParameter: Message = {
  fields: { query: [3, (): Message => queryParameter], path: [4, (): Message => pathParameter] },
  shape: (value) =>
    isJsonObject(value) && value['in'] === 'path' ? { path: value } : { query: value },
};
const parameter: Message = {
  fields: { body: [1, (): Message => bodyParameter], other: [2, (): Message => nonBodyParameter] },
  shape: (value) =>
    isJsonObject(value) && value['in'] === 'body' ? { body: value } : { other: value },
};
const parametersItem: Message = {
  fields: { parameter: [1, (): Message => parameter] },
  shape: (value) => ({ parameter: value }),
};

const schemaItem: Message = {
  fields: { schema: [1, (): Message => schema] },
  shape: (value) => ({ schema: value }),
};
const response: Message = {
  fields: { description: [1, 'string'], schema: [2, (): Message => schemaItem] },
};
const responseValue: Message = {
  fields: { response: [1, (): Message => response] },
  shape: (value) => ({ response: value }),
};
const responses: Message = {
  fields: { all: [1, { named: (): Message => responseValue }] },
  shape: (value) => ({ all: value }),
};

const operation: Message = {
  fields: {
    consumes: [7, 'string'],
    parameters: [8, (): Message => parametersItem],
    responses: [9, (): Message => responses],
  },
  extensions: 13,
};
const pathItem: Message = {
  fields: {
    get: [2, (): Message => operation],
    put: [3, (): Message => operation],
    post: [4, (): Message => operation],
    delete: [5, (): Message => operation],
    patch: [8, (): Message => operation],
    parameters: [9, (): Message => parametersItem],
  },
};
const paths: Message = {
  fields: { all: [2, { named: (): Message => pathItem }] },
  shape: (value) => ({ all: value }),
};
const definitions: Message = {
  fields: { all: [1, { named: (): Message => schema }] },
  shape: (value: unknown): JsonObject => ({ all: value }),
};
const info: Message = { fields: { title: [1, 'string'], version: [2, 'string'] } };

/** The whole document. */
export const documentMessage: Message = {
  fields: {
    swagger: [1, 'string'],
    info: [2, (): Message => info],
    paths: [8, (): Message => paths],
    definitions: [9, (): Message => definitions],
  },
};
