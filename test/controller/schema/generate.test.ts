import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateSchema } from '../../../controller/schema/generate.ts';

test('kubernetes.json is what the generator makes of the installed client', async () => {
  const kept = readFileSync(
    new URL('../../../controller/schema/kubernetes.json', import.meta.url),
    'utf8',
  );
  equal(kept, await generateSchema());
});
