import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { endWithUs, temporaryFolder } from '../leftovers.ts';
import { runClient } from './child.ts';
import { kubeconfigOf, startDaemon } from './scene.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

/** SIGKILL to a daemon in the middle of requests, again and again: what it answered must be there. */
export const killed: Scenario = {
  name: 'killed',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    using folder = temporaryFolder();
    const dataDir = join(folder.path, 'data');
    const rounds = quick ? 3 : 200;
    let acknowledged = 0;
    let missing = 0;
    let names: readonly string[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      await using daemon = await startDaemon(dataDir);
      const kubeconfig = kubeconfigOf(daemon);
      // What the daemon before answered.
      const found = await runClient('load.ts', ['find', kubeconfig], names.join('\n'));
      missing += (found as { readonly missing: number }).missing;
      acknowledged += names.length;
      if (round === rounds) break;
      // At ever other moments of a commit.
      names = await writeUntil(kubeconfig, `r${round}-`, 20 + ((round * 37) % 211), () =>
        process.kill(daemon.pid, 'SIGKILL'),
      );
    }
    print(`SIGKILL ${rounds} times: ${acknowledged} creates answered, ${missing} not found\n`);
    return {
      figures: { rounds, acknowledged, missing },
      failures: missing > 0 ? [`${missing} acknowledged creates were lost`] : [],
      missed: [],
    };
  },
};

/** Sixteen clients create until `enough` are answered; then `kill`. All names that were answered. */
async function writeUntil(
  kubeconfig: string,
  prefix: string,
  enough: number,
  kill: () => void,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [writer, kubeconfig, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  let text = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    const before = lines;
    text += String(chunk);
    lines += String(chunk).split('\n').length - 1;
    if (before < enough && lines >= enough) kill();
  });
  await once(child, 'close');
  return text.split('\n').slice(0, -1);
}
