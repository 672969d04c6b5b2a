import type { Prober, TcpTarget, Verdict } from '../prober.ts';
import { dial } from './dial.ts';
import { failureVerdict } from './failure-verdict.ts';

/** Healthy if the target takes a connection. Nothing is sent. */
export const tcpProber: Prober<TcpTarget> = {
  async probe(target: TcpTarget, signal: AbortSignal): Promise<Verdict> {
    try {
      const socket = await dial(target.address, target.port, undefined, signal);
      // Closed by FIN, not by RST: many servers log a reset as an error of theirs.
      socket.destroy();
      return { kind: 'healthy' };
    } catch (error) {
      return failureVerdict(error);
    }
  },
};
