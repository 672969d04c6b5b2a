import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { affinity, auth, canary, limits, mirror } from './cases.ts';
import { type Finding, Scene } from './scene.ts';

/** By name, in the order in which they run. */
const cases: Readonly<Record<string, (scene: Scene) => Promise<Finding>>> = {
  canary,
  affinity,
  auth,
  limits,
  mirror,
};

/** What annotations of ingress-nginx promise, measured on a daemon with two workers. */
export const bench: Bench = {
  name: 'ingress-nginx',
  summary: 'canary shares, affinity, external auth, limits over two workers, mirrors',
  cases: Object.keys(cases),
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  const figures: Record<string, unknown> = {};
  const failures: string[] = [];
  for (const [name, measure] of Object.entries(cases)) {
    if (context.only.length > 0 && !context.only.includes(name)) continue;
    await using scene = new Scene(context);
    const found = await measure(scene);
    figures[name] = found.figures;
    failures.push(...found.failures.map((one) => `${name}: ${one}`));
  }
  return { figures, failures, missed: [] };
}
