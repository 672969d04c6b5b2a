/**
 * Serves the fake API with the objects of the manifest named by the first argument, for programs
 * that drive a daemon from outside. Prints its URL; `away` and `back` on standard input make and
 * end an outage.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '../../controller/objects/index.ts';
import { FakeKubernetesApi } from './kubernetes-api.ts';

const api = await FakeKubernetesApi.start();
for (const document of parseAllDocuments(readFileSync(process.argv[2] ?? '', 'utf8'))) {
  const object = document.toJS() as AnyObject;
  api.put({ ...object, metadata: { namespace: 'default', ...object.metadata } });
}
process.stdout.write(`${api.url}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'away') await api.goAway();
  if (line === 'back') await api.listen();
  process.stdout.write(`${line}\n`);
}
await api[Symbol.asyncDispose]();
