/**
 * `writer.ts KUBECONFIG PREFIX`: sixteen clients create ConfigMaps until the API is gone. Prints the
 * name of each that was answered with success.
 */
import { writeSync } from 'node:fs';
import { ApiConnections } from './connection.ts';
import { configMap, paths } from './objects.ts';

const [, , kubeconfig = '', prefix = ''] = process.argv;
const clients = 16;

await using api = new ApiConnections(kubeconfig, clients);
let next = 0;
let isGone = false;
await Promise.all(
  Array.from({ length: clients }, async () => {
    while (!isGone) {
      next += 1;
      const name = `${prefix}${next}`;
      try {
        await api.ask('POST', paths.configMaps, configMap(name));
        writeSync(1, `${name}\n`);
      } catch {
        isGone = true;
      }
    }
  }),
);
