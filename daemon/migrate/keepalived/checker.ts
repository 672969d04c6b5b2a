import { find, type Statement } from './statements.ts';
import { secondsText, type Translation } from './translation.ts';

const prefix = 'portolan.dev/health-check';

const types: Readonly<Record<string, string>> = {
  TCP_CHECK: 'tcp',
  HTTP_GET: 'http',
  SSL_GET: 'https',
};

const withoutEqual: Readonly<Record<string, string>> = {
  MISC_CHECK: 'no program is run for each endpoint: check by http, https, tcp or grpc',
  DNS_CHECK: 'DNS is not asked: a tcp check of port 53 comes nearest',
  SMTP_CHECK: 'SMTP is not spoken: a tcp check comes nearest',
  UDP_CHECK: 'UDP endpoints are not checked',
  PING_CHECK: 'no echo is sent: a tcp check comes nearest',
  FILE_CHECK: 'no file is read: take the endpoint out of its slice',
  BFD_CHECK: 'BFD is not spoken: check by tcp',
};

/**
 * The health check that a virtual server's real servers have in common. A Service has one for all
 * endpoints, so the first real server's is taken.
 */
export function readChecker(
  virtualServer: readonly Statement[],
  servers: readonly Statement[],
  to: Translation | undefined,
): Readonly<Record<string, string>> {
  const checkers = servers.map(({ body = [] }) => body.find(isChecker));
  const [first] = checkers;
  if (!first) return {};
  const other = checkers.find((one) => one && one.keyword !== first.keyword);
  if (other) to?.differs(other, `all endpoints are checked as the first is: by ${first.keyword}`);
  const type = types[first.keyword];
  if (type === undefined) {
    to?.unsupported(first, withoutEqual[first.keyword] ?? 'there is no such check');
    return {};
  }
  const body = first.body ?? [];
  return {
    [prefix]: type,
    ...timing(virtualServer, body),
    ...optional('-port', find(body, 'connect_port')?.args[0]),
    ...(type === 'tcp' ? {} : httpOptions(virtualServer, body, to)),
  };
}

function isChecker({ keyword }: Statement): boolean {
  return keyword in types || keyword in withoutEqual;
}

function timing(
  virtualServer: readonly Statement[],
  body: readonly Statement[],
): Readonly<Record<string, string>> {
  const seconds = (statement: Statement | undefined): string | undefined => {
    const value = Number(statement?.args[0]);
    return Number.isFinite(value) && value > 0 ? secondsText(value) : undefined;
  };
  const retry = find(body, 'retry') ?? find(body, 'nb_get_retry') ?? find(virtualServer, 'retry');
  const retries = Number(retry?.args[0]);
  return {
    ...optional(
      '-interval',
      seconds(find(body, 'delay_loop') ?? find(virtualServer, 'delay_loop')),
    ),
    ...optional('-timeout', seconds(find(body, 'connect_timeout'))),
    ...optional('-failure-threshold', Number.isInteger(retries) ? String(retries + 1) : undefined),
  };
}

function httpOptions(
  virtualServer: readonly Statement[],
  body: readonly Statement[],
  to: Translation | undefined,
): Readonly<Record<string, string>> {
  const urls = body.filter(({ keyword }) => keyword === 'url');
  const [url, second] = urls;
  if (second) to?.differs(second, 'one URL is checked: the first');
  const of = (keyword: string): Statement | undefined => find(url?.body ?? [], keyword);
  for (const keyword of ['digest', 'regex', 'regex_no_match'] as const) {
    const statement = of(keyword);
    if (statement) to?.differs(statement, 'the body is not judged, the status is');
  }
  const host = of('virtualhost') ?? find(virtualServer, 'virtualhost');
  const status = of('status_code')?.args.join(',');
  return {
    ...optional('-path', of('path')?.args[0]),
    // keepalived's default; ours takes redirects too.
    [`${prefix}-expected-status`]: status ?? '200-299',
    ...optional('-host', host?.args[0]),
  };
}

function optional(suffix: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [`${prefix}${suffix}`]: value };
}
