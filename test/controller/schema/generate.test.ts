import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateSchema } from '../../../controller/schema/generate.ts';

test('the kept files are what the generator makes of the installed client', async () => {
  const kept = (name: string): string =>
    readFileSync(new URL(`../../../controller/schema/${name}`, import.meta.url), 'utf8');
  const { schema, descriptions } = await generateSchema();
  equal(kept('kubernetes.json'), schema);
  equal(kept('descriptions.json'), descriptions);
});
