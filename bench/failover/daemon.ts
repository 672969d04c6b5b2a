import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Bed } from './bed.ts';

/** The program. */
export const entry: string = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));

/** The whole daemon on a node, with objects of its own; resolves when it is ready. */
export async function startDaemon(
  bed: Bed,
  host: number,
  manifest: string,
  ...flags: readonly string[]
): Promise<ChildProcess> {
  const args = ['up', '-f', bed.file(`daemon-${host}.yaml`, manifest), '--workers', '1'];
  args.push('--node-name', `node-${host}`, '--data-dir', `${bed.directory}/daemon-${host}`);
  args.push('--api', 'off', '--dns', 'off', '--ingress-http', '0.0.0.0:8081');
  args.push('--ingress-https', 'off', '--log-level', 'error');
  const child = bed.run(host, process.execPath, entry, ...args, ...flags);
  const { stdout } = child;
  if (!stdout) throw new Error('its output is piped');
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: stdout }).once('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`node ${host}: the daemon ended with ${code}`)));
  });
  return child;
}
