import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { admit } from '../../controller/schema/index.ts';
import { blocks } from './pages.ts';

/** Whole objects, but for the configuration file, which has a reader of its own. */
const manifests = blocks().filter(
  ({ language, text }) =>
    language === 'yaml' && /^kind:/m.test(text) && !text.includes('config.portolan.dev'),
);

for (const { page, line, text } of manifests) {
  test(`the objects at ${page}:${line} are admitted`, () => {
    const refused = parseAllDocuments(text).flatMap((document) => {
      const value: unknown = document.toJS();
      const admission = admit(value);
      return admission.kind === 'refused' ? admission.issues : [];
    });
    deepEqual(refused, []);
  });
}
