import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import {
  ConfigError,
  DataPlaneError,
  describeError,
  type Problem,
  systemClock,
} from '../../controller/base/index.ts';
import { type DnsProbes, loadCorefile, needsOf, probesOf, type ZoneNeed } from '../../dns/index.ts';
import {
  type ClusterAccess,
  openClusterAccess,
} from '../../controller/sources/kubernetes/index.ts';
import type { EtcdAccess } from '../../controller/store/etcd/index.ts';
import { AdminServer } from '../admin/server.ts';
import type { Printer } from '../cli/index.ts';
import {
  type Configuration,
  compareConfigurations,
  configurationNotices,
  loadConfiguration,
  type LoadOptions,
} from '../config/index.ts';
import { createLogger, resolveLogFormat } from '../log.ts';
import { Daemon } from './daemon.ts';
import { holdDnsAddresses } from './dns-local.ts';
import { startDnsProbes } from './dns-probes.ts';
import { followDaemon } from './live.ts';
import { etcdAccessOf } from './etcd-access.ts';
import { startProxyEndpoints } from './kernel-proxy-endpoints.ts';
import { tellDrain, tellStart } from './progress.ts';
import { readyLine } from './ready-line.ts';
import { adminRoutes, metrics } from './routes.ts';

/** Exit status after a signal that asked for an immediate end, as shells have it: 128 + SIGINT. */
const interruptedStatus = 130;

/**
 * `portolan up`: serves until SIGTERM or SIGINT, and gives the exit status. 2: the configuration
 * is wrong; 1: it could not start; 0: drained.
 */
export async function up(options: LoadOptions, printer: Printer): Promise<number> {
  let configuration: Configuration;
  let probes: DnsProbes | undefined;
  let access: ClusterAccess | undefined;
  let etcd: EtcdAccess | undefined;
  let zoneNeeds: ReadonlySet<ZoneNeed> = new Set();
  try {
    configuration = loadConfiguration(options);
    const { corefile, dns, kubeconfig } = configuration;
    if (corefile !== undefined && dns !== 'off') {
      const { plans } = loadCorefile(corefile);
      probes = probesOf(plans);
      zoneNeeds = needsOf(plans);
    }
    if (kubeconfig !== undefined) access = await openClusterAccess(kubeconfig);
    etcd = etcdAccessOf(configuration);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printer.error(`portolan: ${error.message}\n`);
    return 2;
  }
  const format = resolveLogFormat(configuration.logFormat);
  const log = createLogger({ level: configuration.logLevel, format });
  const daemon = new Daemon(configuration, log, format, { zoneNeeds, access, etcd });
  await using probing = new AsyncDisposableStack();
  const live = probing.use(followDaemon(daemon, configuration));
  const routes = adminRoutes(daemon, configuration, live);
  const admin = new AdminServer(routes, log);
  const signals = new Signals();
  try {
    const { dns: dnsAddress, dnsLocal } = configuration;
    // Before whatever listens on them.
    if (dnsAddress !== 'off' && dnsLocal.length > 0) {
      probing.use(await holdDnsAddresses(dnsLocal, dnsAddress.port));
    }
    const proxyEndpoints = await startProxyEndpoints({
      healthz: configuration.kubeProxyHealthz,
      metrics: configuration.kubeProxyMetrics,
      proxyMode: configuration.proxyMode,
      nodeName: configuration.nodeName,
      store: daemon.store,
      isHealthy: () => daemon.isProxyHealthy,
      exposition: () => metrics(daemon),
      clock: systemClock,
      meter: daemon.meter,
      log,
    });
    for (const server of proxyEndpoints.servers) probing.use(server);
    daemon.problems.replace('proxy/endpoints', proxyEndpoints.problems);
    if (probes && configuration.dns !== 'off') {
      const { ingressHttp, ingressHttps, admin: adminAddress, dns } = configuration;
      const taken = [ingressHttp, ingressHttps, adminAddress].filter((one) => one !== 'off');
      const started = await startDnsProbes({ probes, host: dns.host, taken, routes, log });
      for (const server of started.servers) probing.use(server);
      daemon.problems.replace('dns/probes', started.problems);
    }
    using _ = tellStart(daemon.readiness, systemClock, log);
    // Whoever stops a daemon that is still starting must not have to wait for it.
    const ended = await Promise.race([daemon.start(admin), signals.toEnd]);
    if (ended !== undefined) {
      log.info({ signal: ended }, 'ending before everything was served');
      await daemon.stop(0);
      return 0;
    }
  } catch (error) {
    printer.error(`portolan: ${describeStartFailure(error)}\n`);
    await daemon.stop(0);
    return 1;
  }
  printer.out(`${readyLine(daemon.addresses(), isatty(1))}\n`);
  const lameduckMs = probes?.lameduckMs ?? 0;
  return await serve(daemon, configuration, { options, log, signals, lameduckMs });
}

interface Serving {
  readonly options: LoadOptions;
  readonly log: Logger;
  readonly signals: Signals;
  /** How long everything is served after SIGTERM, while no longer ready. */
  readonly lameduckMs: number;
}

async function serve(daemon: Daemon, first: Configuration, serving: Serving): Promise<number> {
  const { log, signals, lameduckMs } = serving;
  let configuration = first;
  for (;;) {
    const signal = await signals.next();
    if (signal === 'SIGHUP') {
      configuration = await reload(daemon, configuration, serving);
      continue;
    }
    log.info({ signal, drainTimeoutMs: configuration.drainTimeoutMs }, 'draining');
    daemon.readiness.drain();
    using _ = tellDrain((queries) => daemon.supervisor.sums(queries), systemClock, log);
    const drained = delay(lameduckMs)
      .then(() => daemon.stop(configuration.drainTimeoutMs))
      .then(() => 'drained' as const);
    // A second signal means that somebody does not want to wait.
    const ended = await Promise.race([drained, signals.next()]);
    if (ended === 'drained') return 0;
    log.warn({ signal: ended }, 'second signal: ending at once');
    daemon.supervisor.kill();
    return interruptedStatus;
  }
}

/** Takes over what can change while running, and says what cannot. A broken file changes nothing. */
async function reload(
  daemon: Daemon,
  configuration: Configuration,
  { options, log }: Serving,
): Promise<Configuration> {
  await daemon.reloadManifests();
  daemon.supervisor.reload();
  try {
    const next = loadConfiguration(options);
    const { reload: taken, restart } = compareConfigurations(configuration, next);
    daemon.problems.replace('configuration', [
      ...configurationNotices(next),
      ...restart.map(needsRestart),
    ]);
    log.level = next.logLevel;
    log.info({ taken, needsRestart: restart }, 'configuration read again');
    return { ...configuration, drainTimeoutMs: next.drainTimeoutMs, logLevel: next.logLevel };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    daemon.problems.replace('configuration', [brokenConfiguration(error)]);
    return configuration;
  }
}

function needsRestart(name: string): Problem {
  return {
    severity: 'warning',
    reason: 'RestartNeeded',
    message: `the new value of ${name} is not in force: it takes a restart`,
  };
}

function brokenConfiguration(error: ConfigError): Problem {
  return {
    severity: 'error',
    reason: error.code,
    message: `the configuration was not read again, the one before stays in force: ${error.message}`,
    ...(error.at && { at: error.at }),
  };
}

function describeStartFailure(error: unknown): string {
  // These say all there is to say; anything else is worth its causes.
  const known = error instanceof ConfigError || error instanceof DataPlaneError;
  return known ? error.message : describeError(error);
}

type SignalName = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** Signals as a queue, so that none is lost while another is being dealt with. */
class Signals {
  readonly #toEnd = Promise.withResolvers<SignalName>();
  readonly #waiting: SignalName[] = [];
  #taker: ((signal: SignalName) => void) | undefined;

  constructor() {
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => this.#arrive(name));
    }
  }

  /** The first signal that asks for the end; it stays in the queue as well. */
  get toEnd(): Promise<SignalName> {
    return this.#toEnd.promise;
  }

  async next(): Promise<SignalName> {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting;
    return await new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  #arrive(signal: SignalName): void {
    if (signal !== 'SIGHUP') this.#toEnd.resolve(signal);
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker) taker(signal);
    else this.#waiting.push(signal);
  }
}
