import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import { ConfigError, describeError } from '../../base/index.ts';

/** In place of a kubeconfig file: the service account that a cluster mounts into its Pods. */
export const inCluster = 'in-cluster';

/** What one request needs to be let in. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** The way to one API server. */
export interface ClusterAccess extends AsyncDisposable {
  /** `https://10.0.0.1:6443`, perhaps with a path, without a slash at its end. */
  readonly server: string;
  /** Of the context, or of the service account. */
  readonly namespace: string | undefined;
  /** Asked for before each request: tokens and certificates rotate. */
  credentials(): Promise<Credentials>;
}

/**
 * Reads a kubeconfig, or `in-cluster`, with all of its authentication: certificates, tokens, token
 * files, exec plugins, OIDC, proxies. The library is loaded only here: it takes half a second and
 * tens of megabytes, which daemons without a cluster do not pay.
 * @throws ConfigError `UnusableKubeconfig`
 */
export async function openClusterAccess(kubeconfig: string): Promise<ClusterAccess> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    if (kubeconfig === inCluster) loadServiceAccount(config);
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw unusable(`${kubeconfig} cannot be read (${describeError(cause)})`, cause);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw unusable(
      `${kubeconfig} has no current context with a cluster: name one with kubectl config use-context`,
    );
  }
  const makeContext = (): RequestContext =>
    new library.RequestContext(server, library.HttpMethod.GET);
  return new KubeconfigAccess(config, server, makeContext);
}

class KubeconfigAccess implements ClusterAccess {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly #config: KubeConfig;
  readonly #makeContext: () => RequestContext;
  #dispatcher: Dispatcher | undefined;
  /** Of the TLS material that the dispatcher was made with. */
  #fingerprint = '';

  constructor(config: KubeConfig, server: string, makeContext: () => RequestContext) {
    this.#config = config;
    this.#makeContext = makeContext;
    this.server = server.replace(/\/+$/, '');
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  }

  async credentials(): Promise<Credentials> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const fingerprint = fingerprintOf(options);
    if (!this.#dispatcher || fingerprint !== this.#fingerprint) {
      const before = this.#dispatcher;
      this.#dispatcher = await this.#newDispatcher();
      this.#fingerprint = fingerprint;
      // Watches that are under way end in their own time, on the certificate they began with.
      before?.close(() => {});
    }
    return { headers: headersOf(options), dispatcher: this.#dispatcher };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  /** The library makes a new one for each call: kept here, so that connections are. */
  async #newDispatcher(): Promise<Dispatcher> {
    const context = this.#makeContext();
    await this.#config.applySecurityAuthentication(context);
    return context.getDispatcher() ?? new Agent();
  }
}

function loadServiceAccount(config: KubeConfig): void {
  if (!process.env['KUBERNETES_SERVICE_HOST']) {
    throw unusable(
      `${inCluster} works only inside a Pod (KUBERNETES_SERVICE_HOST is not set): name a kubeconfig file`,
    );
  }
  config.loadFromCluster();
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) given[name] = String(value);
  }
  if (auth) given['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  return given;
}

function fingerprintOf(options: RequestOptions): string {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const material = JSON.stringify([ca, cert, key, servername, rejectUnauthorized]);
  return createHash('sha256').update(material).digest('hex');
}

function unusable(message: string, cause?: unknown): ConfigError {
  return new ConfigError('UnusableKubeconfig', `--kubeconfig: ${message}`, undefined, { cause });
}
