/** The way of one request, query or connection through this node, as far as it is known. */
export interface Trace {
  /** As asked. */
  readonly target: string;
  readonly steps: readonly TraceStep[];
  /** In one sentence: who would answer, or why nobody would. */
  readonly outcome: string;
  /** Where a request for the URL is to be sent on this node, whatever its name resolves to. */
  readonly listener?: { readonly host: string; readonly port: number };
}

export interface TraceStep {
  readonly name: string;
  /** `stopped`: it goes no further. `note`: told, decides nothing. */
  readonly verdict: 'passed' | 'stopped' | 'note';
  readonly text: string;
  readonly details: readonly string[];
}

export function passed(name: string, text: string, details: readonly string[] = []): TraceStep {
  return { name, verdict: 'passed', text, details };
}

export function stopped(name: string, text: string, details: readonly string[] = []): TraceStep {
  return { name, verdict: 'stopped', text, details };
}

export function note(name: string, text: string, details: readonly string[] = []): TraceStep {
  return { name, verdict: 'note', text, details };
}
