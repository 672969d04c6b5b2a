import type { TraceClient, TraceInput } from './input.ts';
import type { TraceTarget } from './target.ts';
import { passed, stopped, type Trace } from './trace.ts';

type DnsTarget = Extract<TraceTarget, { kind: 'dns' }>;

/**
 * Traces a query: a worker answers it as it would a client's, and says which plugins saw it.
 * @throws ConfigError for a question that makes no sense
 */
export async function traceDns(
  { name, type }: DnsTarget,
  text: string,
  client: TraceClient,
  { runtime }: TraceInput,
): Promise<Trace> {
  const listeners = runtime.planes
    .filter(({ serves }) => serves === 'dns')
    .flatMap(({ addresses }) => addresses.map((one) => `${one.name} ${one.host}:${one.port}`));
  if (listeners.length === 0) {
    const step = stopped('listener', 'this daemon serves no DNS');
    return { target: text, steps: [step], outcome: 'Nobody answers.' };
  }
  const listener = passed('listener', listeners.join(', '));
  const explained = await runtime.explainName(name, type, client.address);
  if (explained === undefined) {
    const step = stopped('answer', 'no worker answers');
    return { target: text, steps: [listener, step], outcome: 'Nobody answers.' };
  }
  const [question = '', course = '', answer = ''] = explained.split('\n\n');
  const answerLines = linesOf(answer);
  const outcome = answerLines[0] ?? '';
  return {
    target: text,
    steps: [
      listener,
      passed('plugins', question, linesOf(course)),
      passed('answer', outcome, answerLines.slice(1)),
    ],
    outcome,
  };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
