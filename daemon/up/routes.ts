import { ConfigError, systemClock } from '../../controller/base/index.ts';
import { parseQuestion } from '../../dns/index.ts';
import { type AdminResponse, type AdminRoute, json, plainText } from '../admin/server.ts';
import { tablesAsJson } from '../admin/tables.ts';
import { dashboardFile, dashboardPath } from '../dashboard/index.ts';
import { type Configuration, formatListen } from '../config/index.ts';
import { livePath, type LiveSources, liveStream } from '../live/index.ts';
import { exposition, metricsContentType } from '../metrics/snapshot.ts';
import { answerTrace, tracePath } from '../trace/answer.ts';
import {
  answerDescribe,
  answerView,
  describePath,
  explainPath,
  type ViewInput,
  viewPath,
} from '../views/index.ts';
import type { PlaneName } from '../worker/protocol.ts';
import type { Daemon } from './daemon.ts';
import { runningPlanes } from './running-planes.ts';

/** What the admin address answers; the first route that matches does. */
export function adminRoutes(
  daemon: Daemon,
  configuration: Configuration,
  live: LiveSources,
): readonly AdminRoute[] {
  return [
    {
      path: '/',
      handle: (_, { wantsHtml }) =>
        (wantsHtml && dashboardFile('index.html')) ||
        plainText(200, overview(daemon, configuration)),
    },
    {
      path: dashboardPath,
      handle: ({ pathname }) =>
        dashboardFile(pathname.slice(dashboardPath.length)) ??
        plainText(404, `Nothing at ${pathname}.\n`),
    },
    { path: livePath, handle: () => liveStream(live) },
    {
      path: '/readyz',
      handle: () => {
        const { readiness } = daemon;
        return plainText(readiness.ready ? 200 : 503, readiness.describe());
      },
    },
    // To answer at all is to be alive; starting and draining are no reasons for a restart.
    { path: '/livez', handle: () => plainText(200, 'ok\n') },
    { path: '/healthz', handle: () => plainText(200, 'ok\n') },
    { path: '/metrics', handle: async () => await metrics(daemon) },
    { path: '/debug/tables', handle: () => json(tablesAsJson(daemon.pipeline.tables)) },
    { path: '/debug/applied', handle: () => json(applied(daemon)) },
    { path: explainPath, handle: async (url) => await explained(daemon, url) },
    {
      path: tracePath,
      handle: (url) =>
        withViews(daemon, configuration, (input) =>
          answerTrace(url, {
            ...input,
            runtime: {
              ...input.runtime,
              kernelRules: (key) => daemon.kernelRules(key),
              explainName: async (name, type, client) =>
                await daemon.supervisor.explain(parseQuestion(name, type, client)),
            },
          }),
        ),
    },
    {
      path: viewPath,
      handle: (url) => withViews(daemon, configuration, (input) => answerView(url, input)),
    },
    {
      path: describePath,
      handle: (url) => withViews(daemon, configuration, (input) => answerDescribe(url, input)),
    },
  ];
}

/** `?name=&type=&client=`, as `portolan explain` asks. */
async function explained(daemon: Daemon, url: URL): Promise<AdminResponse> {
  const { searchParams } = url;
  try {
    const question = parseQuestion(
      searchParams.get('name') ?? '',
      searchParams.get('type') ?? undefined,
      searchParams.get('client') ?? undefined,
    );
    const text = await daemon.supervisor.explain(question);
    return text === undefined ? plainText(503, 'no worker answers\n') : plainText(200, text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return plainText(400, `${error.message}\n`);
  }
}

/** Everything measured, over all processes of the daemon. */
export async function metrics(daemon: Daemon): Promise<AdminResponse> {
  const snapshots = [daemon.meter.snapshot(), ...(await daemon.supervisor.metrics())];
  return { status: 200, contentType: metricsContentType, body: exposition(snapshots) };
}

/** Which generation is compiled and which each worker has in force: 0 for none yet. */
function applied(daemon: Daemon): unknown {
  const { l4, dns, ingress } = daemon.pipeline.tables;
  const compiled: Record<PlaneName, number> = {
    l4: l4?.generation ?? 0,
    dns: dns?.generation ?? 0,
    ingress: ingress?.generation ?? 0,
  };
  return { compiled, workers: daemon.supervisor.workers() };
}

function withViews(
  daemon: Daemon,
  configuration: Configuration,
  answer: (input: ViewInput) => AdminResponse | Promise<AdminResponse>,
): AdminResponse | Promise<AdminResponse> {
  const { l4, dns, ingress } = daemon.pipeline.tables;
  if (!l4 || !dns || !ingress) {
    return plainText(503, `not ready yet: ${daemon.readiness.describe()}`);
  }
  return answer({
    store: daemon.store,
    services: l4,
    routes: ingress,
    zones: dns,
    problems: daemon.problems.list(),
    runtime: {
      planes: runningPlanes(daemon, configuration),
      nodeName: configuration.nodeName,
      clusterDomain: configuration.clusterDomain,
      virtualIPs: daemon.virtualIPs(),
    },
    nowMs: systemClock.wallMs(),
  });
}

/** What a person who opens the address in a browser should know. */
function overview(daemon: Daemon, configuration: Configuration): string {
  const problems = daemon.problems.list();
  const lines = [
    `Portolan on node ${configuration.nodeName}: ${daemon.readiness.describe().trim()}`,
    `Problems: ${problems.length}`,
    '',
    ...daemon.addresses().map((one) => `${one.name}\t${formatListen(one)}`),
    '',
    '/\tin a browser: the dashboard',
    '/readyz /livez /healthz\tprobes',
    '/metrics\tPrometheus',
    '/debug/tables\twhat the planes are made from',
    '/debug/applied\twhich generation each worker has in force',
    `${explainPath}?name=NAME\tas portolan explain`,
    `${viewPath}services\tas portolan get services`,
    `${tracePath}?target=http://HOST/PATH\tas portolan trace`,
    `${viewPath}problems\tas portolan get problems`,
    '',
  ];
  return lines.join('\n');
}
