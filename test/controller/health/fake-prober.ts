import type { Prober, ProbeTarget, Verdict } from '../../../controller/health/index.ts';

/** Answers by address (or command): `hang` keeps a probe open until it is aborted. */
export class FakeProber implements Prober {
  readonly verdicts: Map<string, Verdict | 'hang'> = new Map();
  /** Every probe made, in order. */
  readonly probed: string[] = [];
  running = 0;
  maxRunning = 0;

  async probe(target: ProbeTarget, signal: AbortSignal): Promise<Verdict> {
    const name = target.kind === 'exec' ? target.command.join(' ') : target.address;
    this.probed.push(name);
    this.running += 1;
    this.maxRunning = Math.max(this.maxRunning, this.running);
    const verdict = this.verdicts.get(name) ?? { kind: 'healthy' };
    if (verdict === 'hang') {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    this.running -= 1;
    return verdict === 'hang' ? { kind: 'unhealthy', reason: 'aborted' } : verdict;
  }

  set(name: string, state: 'up' | 'down' | 'hang' | 'short'): void {
    const verdicts = {
      up: { kind: 'healthy' },
      down: { kind: 'unhealthy', reason: 'connection refused' },
      short: { kind: 'inconclusive', reason: 'too many open files' },
      hang: 'hang',
    } as const;
    this.verdicts.set(name, verdicts[state]);
  }
}
