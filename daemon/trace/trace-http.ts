import type { ListenAddress } from '../../controller/base/index.ts';
import type { RouteBackend, RouteTable } from '../../ingress/compile/table.ts';
import { explain, type Explanation, hostName, Router } from '../../ingress/index.ts';
import { targetId } from '../../proxy/balancer/index.ts';
import { explainChoice } from './endpoint-choice.ts';
import { filterSteps } from './filter-steps.ts';
import type { TraceClient, TraceInput } from './input.ts';
import { note, passed, stopped, type Trace, type TraceStep } from './trace.ts';
import { virtualIPStep } from './virtual-ip-owner.ts';

/** Traces an HTTP request through listener, certificate, rule, filters, backend and endpoint. */
export function traceHttp(url: URL, text: string, client: TraceClient, input: TraceInput): Trace {
  const [listener] = listenersFor(url, input);
  return { ...traceRequest(url, text, client, input), ...(listener && { listener }) };
}

function traceRequest(url: URL, text: string, client: TraceClient, input: TraceInput): Trace {
  const host = client.headers.get('host') ?? url.host;
  const steps: TraceStep[] = [...virtualIPStep(url.hostname, input), listenerStep(url, input)];
  if (url.protocol === 'https:')
    steps.push(certificateStep(url.hostname, input.routes, input.nowMs));
  const explanation = explain(input.routes, host, url.pathname);
  steps.push(hostStep(explanation, host), ...ruleSteps(explanation, url));
  const { match } = explanation;
  if (!match?.backend) {
    return { target: text, steps, outcome: '404 from this node: no rule takes the request.' };
  }
  const redirects = match.route ? match.route.httpsRedirect : match.host.httpsRedirect;
  if (redirects && url.protocol === 'http:') {
    steps.push(stopped('redirect', 'the host has a certificate: plain HTTP is sent to https'));
    return { target: text, steps, outcome: `308 to https://${hostName(host)}${url.pathname}` };
  }
  if (match.route) steps.push(...filterSteps(match.route));
  const { steps: last, outcome } = backendSteps(match.backend, client, input);
  return { target: text, steps: [...steps, ...last], outcome };
}

function listenersFor(url: URL, { runtime }: TraceInput): readonly ListenAddress[] {
  const wanted = url.protocol === 'https:' ? 'https' : 'http';
  return runtime.planes
    .filter(({ serves }) => serves === 'ingress')
    .flatMap(({ addresses }) => addresses.filter(({ name }) => name === wanted));
}

function listenerStep(url: URL, input: TraceInput): TraceStep {
  const listeners = listenersFor(url, input);
  if (listeners.length === 0) return stopped('listener', `nothing listens for ${url.protocol}//`);
  const shown = listeners.map(({ host, port }) => targetId(host, port)).join(', ');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (listeners.some((one) => one.port === port)) return passed('listener', shown);
  return note('listener', `${shown}: something in front must bring port ${port} here`);
}

function certificateStep(serverName: string, table: RouteTable, nowMs: number): TraceStep {
  const id = new Router(table).host(serverName)?.certificate;
  const certificate = id === undefined ? undefined : table.certificates.get(id);
  if (!certificate) {
    const text = 'the default one, self-signed: no tls section with a usable Secret names the host';
    return note('certificate', text);
  }
  const { serverNames, notAfterMs } = certificate;
  const until = new Date(notAfterMs).toISOString();
  const details = [`for ${serverNames.join(', ')}`, `valid until ${until}`];
  const isOver = notAfterMs < nowMs;
  return isOver
    ? stopped('certificate', `${certificate.id} has expired: clients refuse it`, details)
    : passed('certificate', `Secret ${certificate.id}`, details);
}

function hostStep({ hosts }: Explanation, host: string): TraceStep {
  const details = hosts.map(
    ({ host: candidate, verdict }) => `${candidate || '(rules without a host)'}: ${verdict}`,
  );
  const taken = hosts.find(({ verdict }) => verdict === 'takes it');
  if (!taken) return note('host', `no rule names ${hostName(host)}`, details);
  return passed('host', taken.host || 'rules without a host', details);
}

function ruleSteps({ match, routes }: Explanation, url: URL): readonly TraceStep[] {
  const details = routes.map(
    ({ route, verdict }) =>
      `${route.pathType} ${route.path} (Ingress ${route.ingress.namespace}/${route.ingress.name}): ${verdict}`,
  );
  const route = match?.route;
  if (route) {
    const { namespace, name } = route.ingress;
    const text = `${route.pathType} ${route.path} of Ingress ${namespace}/${name}`;
    return [passed('rule', text, details)];
  }
  if (match?.backend)
    return [note('rule', `none for ${url.pathname}: the default backend`, details)];
  return [stopped('rule', `none for ${url.pathname}`, details)];
}

function backendSteps(
  backend: RouteBackend,
  client: TraceClient,
  { routes }: TraceInput,
): { readonly steps: readonly TraceStep[]; readonly outcome: string } {
  if (backend.kind === 'unavailable') {
    const { status, reason } = backend;
    return {
      steps: [stopped('backend', reason)],
      outcome: `${status} from this node: ${reason}`,
    };
  }
  const pool = routes.pools.get(backend.pool);
  if (!pool || pool.endpoints.length === 0) {
    const text = `Service ${backend.pool} has no endpoint that takes traffic`;
    return { steps: [stopped('backend', text)], outcome: `503 from this node: ${text}` };
  }
  const choice = explainChoice(pool.algorithm, pool.endpoints, client.address);
  const { namespace, service, port, protocol } = pool;
  return {
    steps: [
      passed('backend', `Service ${namespace}/${service} port ${port}, by ${protocol}`),
      passed('endpoint', choice.text, choice.details),
    ],
    outcome: `Answered by ${choice.who}.`,
  };
}
