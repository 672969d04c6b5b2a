/** The thread of a durable store: each commit waits for the disk here, and holds up nobody else. */
import { parentPort } from 'node:worker_threads';
import { JournalError, JournalFile } from './journal-file.ts';
import type { JournalAnswer, JournalRequest } from './protocol.ts';

let file: JournalFile | undefined;

function answer(request: JournalRequest): JournalAnswer {
  switch (request.kind) {
    case 'open': {
      const opened = JournalFile.open(request.path, request.historyLimit);
      ({ file } = opened);
      return { kind: 'opened', stored: opened.stored };
    }
    case 'commit':
      file?.commit(request.rows);
      return { kind: 'done' };
    case 'close':
      file?.[Symbol.dispose]();
      parentPort?.close();
      return { kind: 'done' };
  }
}

function tryAnswer(request: JournalRequest): JournalAnswer {
  try {
    return answer(request);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { kind: 'failed', cause: error.reason, message: error.message };
  }
}

parentPort?.on('message', (request: JournalRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' alone
  parentPort?.postMessage(tryAnswer(request));
});
