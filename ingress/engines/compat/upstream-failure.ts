import { describeError } from '../../../controller/base/index.ts';

/** Why one try at one endpoint gave no response. */
export interface UpstreamFailure {
  /** For logs and metrics; a small set. */
  readonly reason:
    | 'connect-refused'
    | 'connect-timeout'
    | 'connect-failed'
    | 'read-timeout'
    | 'reset'
    | 'invalid-response';
  /** What the client gets if no other endpoint helps. */
  readonly status: 502 | 504;
  /** The endpoint cannot have seen any of the request: safe to send elsewhere, whatever it is. */
  readonly unsent: boolean;
  readonly message: string;
}

/** What the engine raises itself when it stops waiting. */
export class UpstreamTimeout extends Error {
  readonly phase: 'connect' | 'read';

  constructor(phase: 'connect' | 'read', afterMs: number) {
    super(`no ${phase === 'connect' ? 'connection' : 'answer'} within ${afterMs} ms`);
    this.phase = phase;
  }
}

/** Names what happened. `connected`: bytes of the request may have left. */
export function classifyFailure(error: Error, connected: boolean): UpstreamFailure {
  const message = describeError(error);
  const unsent = !connected;
  if (error instanceof UpstreamTimeout) {
    return { reason: `${error.phase}-timeout`, status: 504, unsent, message };
  }
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ETIMEDOUT') return { reason: 'connect-timeout', status: 504, unsent, message };
  if (code === 'ECONNREFUSED') return { reason: 'connect-refused', status: 502, unsent, message };
  if (unsent) return { reason: 'connect-failed', status: 502, unsent, message };
  // HPE_…: what node's parser calls each breach of the grammar.
  const reason = code.startsWith('HPE_') ? 'invalid-response' : 'reset';
  return { reason, status: 502, unsent, message };
}
