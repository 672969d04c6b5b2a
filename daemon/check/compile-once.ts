import { availableParallelism, hostname } from 'node:os';
import {
  type Problem,
  type ProblemSink,
  silentLog,
  systemClock,
  systemRandom,
} from '../../controller/base/index.ts';
import { parseServiceCheck } from '../../controller/health/index.ts';
import type { AnyObject } from '../../controller/objects/index.ts';
import { MemoryLedger, startReconcilers } from '../../controller/reconcile/index.ts';
import { createMemoryStore } from '../../controller/store/index.ts';
import type { ServiceTable } from '../../proxy/index.ts';
import { type Configuration, defaultConfiguration } from '../config/index.ts';
import { PrometheusMeter } from '../metrics/prometheus-meter.ts';
import { createCompilers } from '../up/compilers.ts';
import { Pipeline } from '../up/pipeline.ts';

/** The default settings on this machine. */
export function defaults(): Configuration {
  return defaultConfiguration({ hostname: hostname(), cores: availableParallelism() });
}

export interface CompiledOnce {
  readonly problems: readonly Problem[];
  readonly services: ServiceTable;
}

/**
 * Everything that `portolan up` with default settings, but for those given, would say of these objects once they are
 * loaded. Opens no socket and runs no check: what only the machine can tell is left out.
 */
export async function compileOnce(
  objects: readonly AnyObject[],
  settings: Partial<Configuration> = {},
): Promise<CompiledOnce> {
  const configuration = { ...defaults(), ...settings };
  const reported = new Map<string, readonly Problem[]>();
  const problems: ProblemSink = {
    replace: (source, list) => void reported.set(source, list),
  };
  const store = createMemoryStore({ clock: systemClock });
  const common = { store, problems, clock: systemClock, random: systemRandom, log: silentLog };
  await store.writeAll(objects.map((object) => ({ kind: 'create', object: asIfProbed(object) })));
  await using reconcilers = startReconcilers({
    ...common,
    meter: new PrometheusMeter(),
    ledger: new MemoryLedger(),
    serviceCidrs: configuration.serviceCidrs.map(({ text }) => text),
    nodePortRange: configuration.nodePortRange,
  });
  await reconcilers.settled();
  using pipeline = new Pipeline({
    ...common,
    ...createCompilers(configuration),
    nodeName: configuration.nodeName,
    publish: () => {},
  });
  await pipeline.start();
  const checks = objects.flatMap((object) =>
    object.kind === 'Service' ? parseServiceCheck(object).problems : [],
  );
  return {
    problems: [...[...reported.values()].flat(), ...checks],
    services: pipeline.tables.l4 ?? { generation: 0, ports: new Map() },
  };
}

/** Nothing is probed here, and what would be found is no mistake of the manifests. */
function asIfProbed(object: AnyObject): AnyObject {
  if (object.kind !== 'Pod' || object.status?.conditions !== undefined) return object;
  return {
    ...object,
    status: { ...object.status, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
