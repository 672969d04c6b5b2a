import { isIP } from 'node:net';
import { ConfigError } from '../../controller/base/index.ts';
import { type AdminResponse, json, plainText } from '../admin/server.ts';
import { type TraceClient, type TraceInput, traceTarget } from './index.ts';
import { parseTarget } from './target.ts';

/** Where traces are asked for: `/debug/trace?target=&from=&method=&namespace=&header=Name:value`. */
export const tracePath = '/debug/trace';

/** Answers a trace as JSON, or 400 and what to write instead. */
export async function answerTrace(url: URL, input: TraceInput): Promise<AdminResponse> {
  try {
    const text = url.searchParams.get('target') ?? '';
    const target = parseTarget(text, url.searchParams.get('namespace') || 'default');
    return json(await traceTarget(target, text, readClient(url.searchParams), input));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return plainText(400, `${error.message}\n`);
  }
}

/** @throws ConfigError `InvalidFlag` */
function readClient(query: URLSearchParams): TraceClient {
  const from = query.get('from') || undefined;
  if (from !== undefined && isIP(from) === 0) {
    const message = `from: ${JSON.stringify(from)} is no address: write one, such as 10.0.0.7`;
    throw new ConfigError('InvalidFlag', message);
  }
  const headers = new Map<string, string>();
  for (const written of query.getAll('header')) {
    const colon = written.indexOf(':');
    if (colon < 1) {
      const message = `header: ${JSON.stringify(written)} has no colon: write Name:value`;
      throw new ConfigError('InvalidFlag', message);
    }
    headers.set(written.slice(0, colon).trim().toLowerCase(), written.slice(colon + 1).trim());
  }
  return { address: from, method: query.get('method') || 'GET', headers };
}
