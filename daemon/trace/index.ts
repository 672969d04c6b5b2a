/** `portolan trace` and the dashboard's route tester: why traffic goes where it goes. */
import type { TraceClient, TraceInput } from './input.ts';
import type { TraceTarget } from './target.ts';
import type { Trace } from './trace.ts';
import { traceDns } from './trace-dns.ts';
import { traceHttp } from './trace-http.ts';
import { traceAddress, traceService } from './trace-service.ts';

export type { TraceClient, TraceInput } from './input.ts';
export { parseTarget, type TraceTarget } from './target.ts';
export type { Trace, TraceStep } from './trace.ts';

/**
 * Traces what can be told from the tables alone; of a name that is forwarded, upstream is asked.
 * @throws ConfigError for a question that DNS cannot be asked
 */
export async function traceTarget(
  target: TraceTarget,
  text: string,
  client: TraceClient,
  input: TraceInput,
): Promise<Trace> {
  switch (target.kind) {
    case 'http':
      return traceHttp(target.url, text, client, input);
    case 'dns':
      return await traceDns(target, text, client, input);
    case 'service':
      return traceService(target, text, client, input);
    case 'address':
      return traceAddress(target, text, client, input);
  }
}
