import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import httpProxy from 'http-proxy';
import {
  type EndpointSlice,
  type KubeObject,
  serviceNameLabel,
  type ServicePortSpec,
} from '../../objects/index.ts';
import { isAllowed, type User } from '../access/user.ts';
import { parseTarget } from '../request/target.ts';
import { ApiError, badRequest, forbidden, notFound } from '../status.ts';
import { textAt, valueAt } from '../table/value-at.ts';
import { type ApiContext, type ResourceRequest, subjectOf } from './context.ts';

/** How long a Service or Pod may take to begin its answer. */
const answerTimeoutMs = 60_000;

/** `services/NAME/proxy` and `pods/NAME/proxy`: requests that go on to one endpoint, as they are. */
export class ServiceProxy {
  readonly #context: ApiContext;
  readonly #proxy = httpProxy.createProxyServer({
    // Endpoints of https Services have certificates of their own making.
    secure: false,
    proxyTimeout: answerTimeoutMs,
  });

  constructor(context: ApiContext) {
    this.#context = context;
    this.#proxy.on('proxyReq', (outgoing) => {
      // The credential is for this server, and for nobody behind it.
      outgoing.removeHeader('authorization');
    });
    this.#proxy.on('proxyReqWs', (outgoing) => {
      outgoing.removeHeader('authorization');
    });
  }

  /** Resolves when the answer is on its way or cannot be. @throws ApiError */
  async forward(
    request: ResourceRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const target = this.#endpointOf(request);
    incoming.url = pathBelow(request, incoming.url ?? '');
    await new Promise<void>((resolve, reject) => {
      response.once('close', resolve);
      this.#proxy.web(incoming, response, { target }, (error) => {
        reject(
          new ApiError(
            503,
            'ServiceUnavailable',
            `error trying to reach ${target}: ${error.message}`,
          ),
        );
      });
    });
  }

  /** WebSockets through the same door; http-proxy closes any other upgrade. @throws ApiError */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, user: User): void {
    const url = new URL(incoming.url ?? '/', 'https://api');
    const target = parseTarget(url.pathname);
    const resource =
      target.kind === 'resource'
        ? this.#context.registry.find(target.group, target.version, target.plural)
        : undefined;
    if (target.kind === 'path' || !resource || target.subresource !== 'proxy') {
      throw badRequest('only the proxy subresources can be upgraded');
    }
    const parameters = url.searchParams;
    const request = { target, resource, user, parameters, accept: '', userAgent: undefined };
    if (!isAllowed(user, 'get', resource.plural, 'proxy')) {
      throw forbidden(subjectOf(request), `User "${user.name}" cannot use the proxy`);
    }
    const endpoint = this.#endpointOf(request);
    incoming.url = pathBelow(request, incoming.url ?? '');
    this.#proxy.ws(incoming, socket, head, { target: endpoint }, () => socket.destroy());
  }

  /** `[scheme:]name[:port]`, and which address that is. */
  #endpointOf(request: ResourceRequest): string {
    const { resource, target } = request;
    if (!resource.subresources.includes('proxy')) throw notFound(subjectOf(request));
    const parts = target.name.split(':');
    const [scheme, name = '', port = ''] =
      parts.length > 2 ? parts : ['', parts[0], parts[1] ?? ''];
    if (!['', 'http', 'https'].includes(scheme ?? '')) {
      throw badRequest(`"${scheme}" is no scheme: write http:NAME:PORT or https:NAME:PORT`);
    }
    const found = this.#context.objects.get(resource.type, target.namespace, name);
    if (!found) throw notFound({ ...subjectOf(request), name });
    const address =
      resource.type === 'Pod' ? podAddress(found, port) : this.#serviceAddress(found, port);
    if (address === undefined) {
      const what = `no endpoints available for ${resource.kind.toLowerCase()} "${target.name}"`;
      throw new ApiError(503, 'ServiceUnavailable', what);
    }
    return `${scheme || 'http'}://${address}`;
  }

  /** Any endpoint that is ready. */
  #serviceAddress(service: KubeObject, port: string): string | undefined {
    const ports = (valueAt(service, 'spec.ports') ?? []) as readonly ServicePortSpec[];
    const wanted = port === '' ? ports[0] : ports.find((one) => isPort(one, port));
    const { namespace = '', name } = service.metadata;
    if (!wanted) throw badRequest(`Service ${namespace}/${name} has no port "${port}"`);
    const found = this.#context.objects.list('EndpointSlice', {
      namespace,
      labelSelector: `${serviceNameLabel}=${name}`,
    });
    // Of this type the store holds slices alone.
    const slices = found.items as readonly EndpointSlice[];
    const addresses = slices.flatMap(({ endpoints, ports: own = [] }) => {
      const number = own.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
      if (number === undefined) return [];
      return endpoints
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap((one) => one.addresses.slice(0, 1).map((ip) => hostPort(ip, number)));
    });
    return addresses[Math.floor(this.#context.random() * addresses.length)];
  }
}

function isPort({ name = '', port }: ServicePortSpec, wanted: string): boolean {
  return name === wanted || String(port) === wanted;
}

function podAddress(pod: KubeObject, port: string): string | undefined {
  const ip = textAt(pod, 'status.podIP');
  if (ip === '') return undefined;
  const first = valueAt(pod, 'spec.containers.0.ports.0.containerPort');
  const number = port === '' ? (typeof first === 'number' ? first : 80) : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw badRequest(`"${port}" is no port of a Pod: write its number`);
  }
  return hostPort(ip, number);
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** What follows `proxy`, still escaped, with the query. */
function pathBelow({ target }: ResourceRequest, url: string): string {
  const query = url.indexOf('?');
  return `/${target.rest}${query < 0 ? '' : url.slice(query)}`;
}
