import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { endWithUs, temporaryFolder } from '../leftovers.ts';
import { answers } from './ask.ts';
import { Backend } from './backend.ts';

const fake = fileURLToPath(new URL('../../test/fakes/serve-kubernetes-api.ts', import.meta.url));
const pauseMs = 5;

/** The API of the cluster is away while requests go on: none may fail, no table may change. */
export const apiAway: Scenario = {
  name: 'api-away',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    await using resources = new AsyncDisposableStack();
    const backend = resources.use(await Backend.start());
    const folder = resources.use(temporaryFolder()).path;
    const manifest = join(folder, 'web.yaml');
    writeFileSync(manifest, backend.manifest('web'));
    const api = resources.use(await startApi(manifest));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigFor(api.url));
    const flags = ['--kubeconfig', kubeconfig, '--service-cidr', ownServiceCidr()];
    const daemon = resources.use(await BenchDaemon.start([...flags, '--workers', '2']));
    const before = await daemon.applied();
    await api.tell('away');
    const awayMs = quick ? 5_000 : 60_000;
    const { asked, failed } = await askFor(daemon.port('http'), awayMs);
    const after = await daemon.applied();
    const changed = JSON.stringify(before.compiled) !== JSON.stringify(after.compiled);
    await api.tell('back');
    print(`API away for ${awayMs / 1000} s: ${asked} requests, ${failed} failed\n`);
    return {
      figures: { awayMs, asked, failed, changed },
      failures: [
        ...(failed > 0 ? [`${failed} requests failed while the API was away`] : []),
        ...(changed ? ['a table changed while the API was away'] : []),
      ],
      missed: [],
    };
  },
};

async function askFor(port: number, forMs: number): Promise<{ asked: number; failed: number }> {
  let asked = 0;
  let failed = 0;
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    asked += 1;
    if (!(await answers('127.0.0.1', port, 'web.bench.localhost'))) failed += 1;
    await delay(pauseMs);
  }
  return { asked, failed };
}

interface RunningApi extends AsyncDisposable {
  readonly url: string;
  tell(what: 'away' | 'back'): Promise<void>;
}

async function startApi(manifest: string): Promise<RunningApi> {
  const child = spawn(process.execPath, [fake, manifest], { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithUs(child);
  const lines = createInterface({ input: child.stdout });
  const [url] = (await once(lines, 'line')) as [string];
  return {
    url,
    async tell(what) {
      const done = once(lines, 'line');
      child.stdin.write(`${what}\n`);
      await done;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function kubeconfigFor(server: string): string {
  return `apiVersion: v1
kind: Config
current-context: bench
contexts: [{ name: bench, context: { cluster: bench, user: bench } }]
clusters: [{ name: bench, cluster: { server: '${server}', insecure-skip-tls-verify: true } }]
users: [{ name: bench, user: {} }]
`;
}
