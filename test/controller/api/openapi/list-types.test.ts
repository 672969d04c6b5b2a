import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  atomicMaps,
  atomicTypes,
  mergingLists,
  retainKeysFields,
} from '../../../../controller/api/openapi/list-types.ts';
import { ownDescriptions } from '../../../../controller/api/openapi/own-descriptions.ts';
import { schemaFile } from '../../../../controller/schema/schema-file.ts';

const { types } = schemaFile;

test('the tables name lists, maps and types that the schema has, and their key fields', () => {
  for (const [type, lists] of Object.entries(mergingLists)) {
    for (const [field, { keys, patchMerge }] of Object.entries(lists)) {
      const expression = types[type]?.fields[field] ?? '';
      ok(expression.startsWith('['), `${type}.${field} is ${expression}`);
      const element = types[expression.slice(1, -1)]?.fields ?? {};
      for (const { name } of keys) ok(name in element, `${type}.${field} has no key ${name}`);
      const key = patchMerge?.key;
      ok(key === undefined || key in element, `${type}.${field} has no patch key ${key}`);
    }
  }
  for (const type of atomicTypes) ok(type in types, type);
  for (const path of atomicMaps) ok(fieldAt(path)?.startsWith('{'), path);
  for (const path of retainKeysFields) ok(fieldAt(path), path);
});

function fieldAt(path: string): string | undefined {
  const [type = '', field = ''] = path.split('.');
  return types[type]?.fields[field];
}

test('what is described is there', () => {
  for (const [type, fields] of Object.entries(ownDescriptions)) {
    for (const field of Object.keys(fields)) {
      ok(field === '' || types[type]?.fields[field] !== undefined, `${type}.${field}`);
    }
  }
});
