import type { Prober, ProbeTarget, Verdict } from '../prober.ts';
import { createExecProber, type ExecRunner } from './exec.ts';
import { grpcProber } from './grpc.ts';
import { httpProber } from './http.ts';
import { tcpProber } from './tcp.ts';

/** One prober for every kind of target. Without `exec` no command is ever run. */
export function createProber(exec: ExecRunner | undefined): Prober {
  const execProber = exec && createExecProber(exec);
  return {
    probe(target: ProbeTarget, signal: AbortSignal): Promise<Verdict> {
      switch (target.kind) {
        case 'http':
        case 'https':
          return httpProber.probe(target, signal);
        case 'tcp':
          return tcpProber.probe(target, signal);
        case 'grpc':
          return grpcProber.probe(target, signal);
        case 'exec':
          if (execProber) return execProber.probe(target, signal);
          return Promise.resolve({ kind: 'unhealthy', reason: 'exec probes are turned off' });
      }
    },
  };
}
