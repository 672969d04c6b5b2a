import { type Clock, describeError } from '../base/index.ts';
import type { Prober, ProbeTarget, Verdict } from './prober.ts';

/** One probe's verdict and what it took. */
export interface ProbeOutcome {
  readonly verdict: Verdict;
  readonly timedOut: boolean;
  readonly durationMs: number;
}

/** A probe under way. `cancel` ends it: it resolves as inconclusive. */
export interface TimedProbe {
  readonly outcome: Promise<ProbeOutcome>;
  cancel(): void;
}

/**
 * Starts a probe that has `timeoutMs` to answer. An overrun is a failure at that moment, whether
 * or not the prober lets go at once; `outcome` never rejects.
 */
export function startTimedProbe(
  prober: Prober,
  target: ProbeTarget,
  timeoutMs: number,
  clock: Clock,
): TimedProbe {
  const startedMs = clock.nowMs();
  const attempt = new AbortController();
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const end = (verdict: Verdict, timedOut = false): void => {
    timer[Symbol.dispose]();
    resolve({ verdict, timedOut, durationMs: clock.nowMs() - startedMs });
    attempt.abort();
  };
  const timer = clock.schedule(timeoutMs, () =>
    end({ kind: 'unhealthy', reason: `no answer within ${timeoutMs} ms` }, true),
  );
  void prober.probe(target, attempt.signal).then(end, (error: unknown) => {
    end({ kind: 'unhealthy', reason: describeError(error) });
  });
  return {
    outcome: promise,
    cancel: () => end({ kind: 'inconclusive', reason: 'check was taken away' }),
  };
}
