import { join } from 'node:path';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';

/**
 * A daemon of which the API is measured: no listeners for Services that would take time, too.
 * `dataDir`: of a daemon before it; absent: a new one.
 */
export async function startDaemon(dataDir?: string): Promise<BenchDaemon> {
  const own = ['--api', '127.0.0.1:0', '--service-cidr', ownServiceCidr()];
  const kept = dataDir === undefined ? [] : ['--data-dir', dataDir];
  return await BenchDaemon.start([...own, ...kept, '--proxy-mode', 'none', '--workers', '1']);
}

/** The kubeconfig of its admin. */
export function kubeconfigOf(daemon: BenchDaemon): string {
  return join(daemon.dataDir, 'kubeconfig');
}
