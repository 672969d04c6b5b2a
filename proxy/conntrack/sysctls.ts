import { readFile, writeFile } from 'node:fs/promises';
import { describeError, type Problem } from '../../controller/base/index.ts';

/** Where the kernel shows its settings; tests pass a folder. */
const procSys = '/proc/sys';

/**
 * Settings that a node with many connections needs, and the least each should be: kube-proxy's.
 * `cores` decides the size of the flow table, 32768 a core and 131072 at least.
 */
export function conntrackMinimums(cores: number): ReadonlyMap<string, number> {
  return new Map([
    ['net/netfilter/nf_conntrack_max', Math.max(cores * 32_768, 131_072)],
    ['net/netfilter/nf_conntrack_tcp_timeout_established', 86_400],
    ['net/netfilter/nf_conntrack_tcp_timeout_close_wait', 3_600],
  ]);
}

/**
 * Raises each setting to its minimum and never lowers one. What cannot be raised (a read-only
 * /proc in a container) is a warning: traffic flows without it.
 */
export async function raiseSysctls(
  minimums: ReadonlyMap<string, number>,
  folder: string = procSys,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [name, minimum] of minimums) {
    try {
      const current = Number(await readFile(`${folder}/${name}`, 'utf8'));
      if (current < minimum) await writeFile(`${folder}/${name}`, String(minimum));
    } catch (error) {
      problems.push({
        severity: 'warning',
        reason: 'SysctlNotSet',
        message: `${name.replaceAll('/', '.')} could not be raised to ${minimum}: ${describeError(error)}`,
        instead: `sysctl -w ${name.replaceAll('/', '.')}=${minimum} on the node`,
      });
    }
  }
  return problems;
}
