import { existsSync } from 'node:fs';
import { type HealthCheckOptions, startHealthChecks } from '../../controller/health/index.ts';
import type { IngressAddress } from '../../controller/objects/index.ts';
import { createFileLedger, startReconcilers } from '../../controller/reconcile/index.ts';
import { LeftBehind, type ManifestSource } from '../../controller/sources/manifests/index.ts';
import type { Store } from '../../controller/store/index.ts';
import { type ClassMap, isServed } from '../../ingress/index.ts';
import type { Configuration } from '../config/index.ts';
import type { ProblemRegistry } from '../problems/problem-registry.ts';
import { classRules } from './compilers.ts';
import type { DataDirectory } from './data-directory.ts';
import { startOnEtcd } from './on-etcd.ts';
import type { ObjectHome } from './object-stores.ts';

/** What every part of the controller is built with. */
export type ControllerContext = Omit<HealthCheckOptions, 'podProbes' | 'prober'>;

export interface ControllerOptions {
  readonly configuration: Configuration;
  readonly common: ControllerContext;
  readonly problems: ProblemRegistry;
  readonly home: Exclude<ObjectHome, { kind: 'cluster' }>;
  readonly directory: DataDirectory;
  readonly started: AsyncDisposableStack;
}

/**
 * Starts what derives objects from objects: EndpointSlices, addresses, status, health. Resolves
 * when the first verdicts are in, so that nothing is served from a guess.
 */
export async function startController(options: ControllerOptions): Promise<void> {
  const { configuration, common, problems, home, directory, started } = options;
  const reconciling = reconcilingOf(configuration, common.store);
  if (home.kind === 'etcd') {
    started.use(await startOnEtcd({ ...common, ...home.etcd, reconciling }));
    return;
  }
  const ledger = started.use(createFileLedger(directory.file('allocations.json'), problems));
  const reconcilers = started.use(startReconcilers({ ...common, ledger, ...reconciling }));
  // A class that comes, goes or changes hands decides over the status of its Ingresses.
  started.use(
    common.store.watch({ kinds: ['IngressClass'] }, () => reconcilers.refreshIngressStatus()),
  );
  await reconcilers.settled();
  const health = started.use(startHealthChecks({ ...common, podProbes: 'own-and-unassigned' }));
  await health.settled();
  // Verdicts about Pods become slices before anything is served from them.
  await reconcilers.settled();
}

/** Removes what manifests defined that went while no daemon ran. */
export async function removeLeftBehind(
  source: ManifestSource,
  { configuration, common, problems, directory, started }: ControllerOptions,
): Promise<void> {
  // A folder that is not there, like a broken file, says nothing of what it held.
  if (!configuration.filename.every((path) => existsSync(path))) return;
  const broken = new Set(
    problems.list().flatMap(({ severity, at }) => (severity === 'error' && at ? at.file : [])),
  );
  started.use(
    await LeftBehind.start({
      path: directory.file('manifest-objects.json'),
      store: common.store,
      defined: () => source.defined(),
      isBroken: (file) => broken.has(file),
      clock: common.clock,
      log: common.log,
    }),
  );
}

/** The IngressClasses that there are, by name. */
export function ingressClasses(store: Store): ClassMap {
  const { items } = store.list('IngressClass');
  return new Map(items.map((one) => [one.metadata.name, one]));
}

function reconcilingOf(
  configuration: Configuration,
  store: Store,
): Parameters<typeof startOnEtcd>[0]['reconciling'] {
  const { serviceCidrs, nodePortRange } = configuration;
  return {
    serviceCidrs: serviceCidrs.map(({ text }) => text),
    nodePortRange,
    ingressStatus: {
      served: (ingress) => isServed(ingress, ingressClasses(store), classRules(configuration)),
      addresses: () => ingressAddresses(configuration),
    },
  };
}

/** What Ingress status says: the address that people connect to; none while it is turned off. */
function ingressAddresses({ ingressHttp, ingressHttps }: Configuration): readonly IngressAddress[] {
  const hosts = [ingressHttp, ingressHttps].flatMap((one) => (one === 'off' ? [] : [one.host]));
  return [...new Set(hosts)].map((ip) => ({ ip }));
}
