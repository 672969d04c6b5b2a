/** `portolan trace` and the dashboard's route tester: why traffic goes where it goes. */
import type { TraceClient, TraceInput } from './input.ts';
import type { TraceTarget } from './target.ts';
import type { Trace } from './trace.ts';
import { traceHttp } from './trace-http.ts';
import { traceAddress, traceService } from './trace-service.ts';

export type { TraceClient, TraceInput } from './input.ts';
export { parseTarget, type TraceTarget } from './target.ts';
export type { Trace, TraceStep } from './trace.ts';

/** Traces what can be told from the tables alone: nothing is sent. */
export function traceTarget(
  target: Exclude<TraceTarget, { kind: 'dns' }>,
  text: string,
  client: TraceClient,
  input: TraceInput,
): Trace {
  switch (target.kind) {
    case 'http':
      return traceHttp(target.url, text, client, input);
    case 'service':
      return traceService(target, text, client, input);
    case 'address':
      return traceAddress(target, text, client, input);
  }
}
