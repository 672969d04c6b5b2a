import { systemClock } from '../../controller/base/index.ts';
import { portolanVersion } from '../cli/version.ts';
import type { Configuration } from '../config/index.ts';
import {
  ChangeHistory,
  type LiveSources,
  type NodeState,
  trafficQueries,
  TrafficSampler,
  VirtualIPHistory,
} from '../live/index.ts';
import type { PlaneName } from '../worker/protocol.ts';
import type { Daemon } from './daemon.ts';
import { runningPlanes } from './running-planes.ts';

/** Problems shown at a glance; `get problems` has them all. */
const maxShownProblems = 20;

const planeOf = { services: 'l4', dns: 'dns', ingress: 'ingress' } as const satisfies Record<
  string,
  PlaneName
>;

/** Follows a daemon for those who watch it. Costs nothing but memory until somebody does. */
export function followDaemon(
  daemon: Daemon,
  configuration: Configuration,
): LiveSources & Disposable {
  const startedAtMs = systemClock.wallMs();
  const sampler = new TrafficSampler({
    clock: systemClock,
    read: async () => {
      const workers = await daemon.supervisor.sums(trafficQueries);
      return new Map([...workers, [process.pid, daemon.meter.sums(trafficQueries)]]);
    },
  });
  const changes = new ChangeHistory(daemon.store, systemClock);
  const history = new VirtualIPHistory(() => daemon.virtualIPs(), systemClock);
  return {
    sampler,
    changes,
    state: () => ({
      ...nodeState(daemon, configuration, startedAtMs),
      virtualIPHistory: history.changes,
    }),
    [Symbol.dispose]: () => {
      sampler[Symbol.dispose]();
      changes[Symbol.dispose]();
      history[Symbol.dispose]();
    },
  };
}

function nodeState(
  daemon: Daemon,
  configuration: Configuration,
  startedAtMs: number,
): Omit<NodeState, 'virtualIPHistory'> {
  const { readiness, supervisor, store } = daemon;
  const problems = daemon.problems.list();
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity !== 'error');
  return {
    nodeName: configuration.nodeName,
    version: portolanVersion,
    startedAtMs,
    ready: readiness.ready,
    readiness: readiness.describe().trim(),
    planes: runningPlanes(daemon, configuration).map((plane) => {
      const name = planeOf[plane.serves];
      return {
        ...plane,
        compiled: daemon.pipeline.tables[name]?.generation ?? 0,
        applied: daemon.appliedGeneration(name),
      };
    }),
    workers: supervisor.workers(),
    problems: { errors: errors.length, warnings: warnings.length },
    newestProblems: [...errors, ...warnings].slice(0, maxShownProblems),
    counts: {
      services: store.list('Service').items.length,
      endpointSlices: store.list('EndpointSlice').items.length,
      ingresses: store.list('Ingress').items.length,
      hosts: daemon.pipeline.tables.ingress?.hosts.size ?? 0,
    },
    virtualIPs: daemon.virtualIPs(),
  };
}
