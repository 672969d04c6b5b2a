import { join } from 'node:path';
import type { Clock, ListenAddress, Log, Meter, Position, Problem, Random } from '../base/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { openCredentials, readerIdentity, writePrivate } from './access/credentials.ts';
import { kubeconfigText } from './access/kubeconfig.ts';
import { ensureNamespaces } from './lifecycle/default-namespace.ts';
import { DefinitionLifecycle } from './lifecycle/definitions.ts';
import { GarbageCollector } from './lifecycle/garbage-collector.ts';
import { NamespaceLifecycle } from './lifecycle/namespaces.ts';
import { ProblemEvents } from './lifecycle/problem-events.ts';
import { ResourceRegistry } from './resources/registry.ts';
import { ApiServer } from './server/api-server.ts';
import { AuditLog } from './server/audit-log.ts';
import type { LimitOptions } from './server/limits.ts';

export interface ApiOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  /** Where to listen; port 0 picks a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where the authority, the kubeconfigs and the token lie. */
  readonly folder: string;
  readonly nodeName: string;
  readonly manifestOf: (object: KubeObject) => Position | undefined;
  /** Undefined: ready; else why not. */
  readonly notReady: () => string | undefined;
  /** Absent: no audit log. */
  readonly auditLog?: string;
  readonly limits?: LimitOptions;
  /** Problems with objects, to be told as Events. Absent: there are none, and none are forgotten. */
  readonly subscribe?: (listener: (problem: Problem) => void) => Disposable;
}

/** A running API. Disposing ends its connections. */
export interface Api extends AsyncDisposable {
  readonly address: ListenAddress;
  /** The kubeconfig of the admin, mode 0600. */
  readonly kubeconfig: string;
}

/**
 * Starts the embedded Kubernetes API on a store, and writes the kubeconfigs that give access to it.
 * @throws ConfigError `CredentialsUnusable`; DataPlaneError `AddressInUse`, `CannotListen`
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { folder, clock, log, listen, nodeName } = options;
  const credentials = openCredentials(
    join(folder, 'api'),
    serverNames(listen.host, nodeName),
    clock,
  );
  const context = { ...options, registry: new ResourceRegistry() };
  await using started = new AsyncDisposableStack();
  await ensureNamespaces(context);
  started.use(new DefinitionLifecycle(context));
  started.use(new NamespaceLifecycle(context));
  started.use(new GarbageCollector(context));
  if (options.subscribe) {
    const events = started.use(new ProblemEvents(context));
    started.use(options.subscribe((problem) => events.record(problem)));
  }
  const audit =
    options.auditLog === undefined ? undefined : started.use(new AuditLog(options.auditLog, log));
  const server = started.use(
    new ApiServer({
      ...context,
      server: credentials.server,
      authority: credentials.authority,
      tokens: [{ token: credentials.readerToken, ...readerIdentity }],
      ...(audit && { audit }),
    }),
  );
  const address = await server.listen(listen);
  const url = `https://${reachable(address.host)}:${address.port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  writePrivate(
    kubeconfig,
    kubeconfigText(url, credentials.authority, {
      kind: 'certificate',
      name: 'portolan-admin',
      credential: credentials.admin,
    }),
  );
  writePrivate(
    join(folder, 'kubeconfig-read-only'),
    kubeconfigText(url, credentials.authority, {
      kind: 'token',
      name: readerIdentity.name,
      token: credentials.readerToken,
    }),
  );
  log.info({ address: url, kubeconfig }, 'Kubernetes API');
  const running = started.move();
  return { address, kubeconfig, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What clients may call the server. */
function serverNames(host: string, nodeName: string): readonly string[] {
  const fixed = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const own = isAnyAddress(host) ? [] : [host];
  return [...new Set([...fixed, nodeName, '127.0.0.1', '::1', ...own])];
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function reachable(host: string): string {
  if (isAnyAddress(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
