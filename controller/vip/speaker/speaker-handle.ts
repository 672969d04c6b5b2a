import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describeError } from '../../base/index.ts';
import type { SpeakerMessage, SpeakerRequest } from './protocol.ts';

/** Beside this module, in the sources as in the build. */
const threadModule: URL = new URL(
  import.meta.url.endsWith('.ts') ? 'thread.ts' : 'thread.js',
  import.meta.url,
);
/** How long the thread gets to say goodbye and let addresses go. It takes milliseconds. */
const stopTimeoutMs = 2000;

/** The daemon's end of the speaker's thread. */
export interface SpeakerHandle extends AsyncDisposable {
  /** Waits in order until the thread is ready. */
  send(request: SpeakerRequest): void;
}

/**
 * Starts the speaker's thread. `onMessage` gets all it says; an end that nobody asked for comes as
 * `unable`. Disposing says goodbye for every virtual router first.
 */
export function startSpeaker(onMessage: (message: SpeakerMessage) => void): SpeakerHandle {
  const worker = new Worker(threadModule, { name: 'vrrp' });
  const ended = Promise.withResolvers<void>();
  const wake = new Uint8Array(new BigUint64Array([1n]).buffer);
  let wakeFd: number | undefined;
  let stopping = false;
  let failure: string | undefined;

  const send = (request: SpeakerRequest): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' alone
    worker.postMessage(request);
    // The thread waits in the kernel, and looks at its messages when this becomes readable.
    if (wakeFd !== undefined) writeSync(wakeFd, wake);
  };
  worker.on('message', (message: SpeakerMessage) => {
    if (message.kind === 'ready') {
      wakeFd = message.wakeFd;
      writeSync(wakeFd, wake);
    }
    if (message.kind === 'unable') failure = message.message;
    onMessage(message);
  });
  worker.on('error', (error) => {
    failure = describeError(error);
    onMessage({ kind: 'unable', code: 'SpeakerFailed', message: failure });
  });
  worker.on('exit', () => {
    wakeFd = undefined;
    if (!stopping && failure === undefined) {
      onMessage({ kind: 'unable', code: 'SpeakerEnded', message: 'the VRRP thread ended' });
    }
    ended.resolve();
  });
  return {
    send,
    async [Symbol.asyncDispose]() {
      stopping = true;
      send({ kind: 'stop' });
      const timer = setTimeout(() => void worker.terminate(), stopTimeoutMs);
      await ended.promise;
      clearTimeout(timer);
    },
  };
}
