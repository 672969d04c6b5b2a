import type { AdminStream } from '../admin/server.ts';
import type { ChangeHistory } from './change-history.ts';
import type { NodeState } from './node-state.ts';
import type { TrafficSampler } from './traffic-sampler.ts';

/** Where the stream is. */
export const livePath = '/debug/live';

/** What the stream is fed from. */
export interface LiveSources {
  readonly sampler: TrafficSampler;
  readonly changes: ChangeHistory;
  readonly state: () => NodeState;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2): `history` with the samples of the last minutes,
 * then each second `traffic`, `state`, and `changes` when there are any. Who comes back after a
 * break starts anew: nothing is replayed.
 */
export function liveStream({ sampler, changes, state }: LiveSources): AdminStream {
  return {
    contentType: 'text/event-stream',
    open(write) {
      const send = (event: string, data: unknown): void =>
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      let sequence = 0;
      const sendChanges = (): void => {
        const news = changes.since(sequence);
        const last = news.at(-1);
        if (!last) return;
        sequence = last.sequence;
        send('changes', news);
      };
      send('state', state());
      send('history', sampler.history);
      sendChanges();
      return sampler.subscribe((sample) => {
        send('traffic', sample);
        send('state', state());
        sendChanges();
      });
    },
  };
}
