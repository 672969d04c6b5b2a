import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { appliedByAll, BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { round } from '../statistics.ts';
import { until } from '../until.ts';
import { type BalanceCase, balanceCases } from './cases.ts';
import { type Answers, clientAddresses, connectAll } from './clients.ts';
import { Endpoint } from './endpoint.ts';
import { compareLoss, type HashLoss } from './hash-loss.ts';
import { countHits, type Hits, hitsTable, worstPoints } from './hits.ts';
import { namespace, serviceManifest, servicePort } from './manifest.ts';

/** Where connections of each algorithm go, and whom ip_hash moves when an endpoint goes. */
export const bench: Bench = {
  name: 'balance',
  summary: '10 000 connections by every algorithm over endpoints weighted 5:3:2',
  run,
};

interface Started {
  readonly one: BalanceCase;
  readonly endpoints: readonly Endpoint[];
}

async function run(context: BenchContext): Promise<BenchReport> {
  const clients = clientAddresses(context.quick ? 1_000 : 10_000);
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const cases = await startCases(resources);
  for (const { one, endpoints } of cases) write(folder.path, one, endpoints);
  const flags = ['-f', folder.path, '--service-cidr', ownServiceCidr(), '--workers', '2'];
  const daemon = resources.use(await BenchDaemon.start(flags));
  context.print(`${clients.length} connections a case, each from an address of its own\n`);
  const failures: string[] = [];
  const counted: { one: BalanceCase; hits: readonly Hits[] }[] = [];
  let hashed: (Started & { readonly before: Answers['byClient'] }) | undefined;
  for (const { one, endpoints } of cases) {
    const address = await daemon.clusterIP(namespace, one.name);
    const answers = await connectAll(clients, address, servicePort);
    const hits = countHits(one, endpoints);
    counted.push({ one, hits });
    failures.push(...judge(one, hits, answers, context.quick));
    if (one.algorithm === 'ip_hash') hashed = { one, endpoints, before: answers.byClient };
  }
  context.print(`${hitsTable(counted)}\n`);
  if (!hashed) throw new Error('no case for ip_hash');
  const loss = await loseEndpoint(daemon, folder.path, hashed);
  failures.push(...loss.failures);
  context.print(lossText(loss));
  return { figures: { cases: counted, ipHashLoss: loss }, failures, missed: [] };
}

async function startCases(resources: AsyncDisposableStack): Promise<readonly Started[]> {
  const cases: Started[] = [];
  for (const one of balanceCases) {
    const endpoints: Endpoint[] = [];
    for (const [index, weight] of one.weights.entries()) {
      const endpoint = await Endpoint.start('abc'.charAt(index), weight, one.delaysMs[index] ?? 0);
      endpoints.push(resources.use(endpoint));
    }
    cases.push({ one, endpoints });
  }
  return cases;
}

function write(folder: string, one: BalanceCase, endpoints: readonly Endpoint[]): void {
  const text = serviceManifest(one.name, one.algorithm, endpoints);
  writeFileSync(join(folder, `${one.name}.yaml`), text);
}

function judge(
  one: BalanceCase,
  hits: readonly Hits[],
  answers: Answers,
  quick: boolean,
): readonly string[] {
  const failures: string[] = [];
  const [first] = answers.failures;
  if (first !== undefined) {
    failures.push(`${one.name}: ${answers.failures.length} connections failed, first ${first}`);
  }
  // A tenth of the connections: chance weighs √10 times as much.
  const tolerance = (one.tolerancePoints ?? Number.POSITIVE_INFINITY) * (quick ? Math.sqrt(10) : 1);
  const worst = worstPoints(hits);
  if (worst > tolerance) {
    failures.push(`${one.name}: a share is ${round(worst)} points off, ${tolerance} are allowed`);
  }
  return failures;
}

/** Takes the last endpoint out of the manifest, asks all clients again, and puts it back. */
async function loseEndpoint(
  daemon: BenchDaemon,
  folder: string,
  { one, endpoints, before }: Started & { readonly before: Answers['byClient'] },
): Promise<HashLoss & { readonly failures: readonly string[] }> {
  const address = await daemon.clusterIP(namespace, one.name);
  const clients = [...before.keys()];
  const serveFrom = async (served: readonly Endpoint[]): Promise<Answers> => {
    const old = appliedByAll(await daemon.applied(), 'l4');
    write(folder, one, served);
    await until('the new endpoints are in force', async () => {
      return appliedByAll(await daemon.applied(), 'l4') > old;
    });
    return await connectAll(clients, address, servicePort);
  };
  const without = await serveFrom(endpoints.slice(0, -1));
  const back = await serveFrom(endpoints);
  const lost = endpoints.at(-1)?.name ?? '';
  const placements = { before, without: without.byClient, back: back.byClient };
  const loss = compareLoss(lost, placements);
  const failures = [...without.failures, ...back.failures].map((text) => `ip-hash: ${text}`);
  if (loss.needlesslyMoved > 0) {
    failures.push(`ip-hash: ${loss.needlesslyMoved} clients moved though their endpoint stayed`);
  }
  if (loss.notReturned > 0) failures.push(`ip-hash: ${loss.notReturned} clients did not come back`);
  return { ...loss, failures: failures.slice(0, 5) };
}

function lossText({ clients, orphans, needlesslyMoved, notReturned }: HashLoss): string {
  const share = (count: number): string => `${count} (${round((count / clients) * 100)} %)`;
  return `ip_hash, one endpoint removed, then put back; of ${clients} clients:
  had to move, as theirs went   ${share(orphans)}
  moved though theirs stayed    ${share(needlesslyMoved)}
  not back where they had been  ${share(notReturned)}`;
}
