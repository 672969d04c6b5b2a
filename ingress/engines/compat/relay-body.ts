import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Passes a response body on, as fast as the client takes it; calls back once it is whole. If the
 * endpoint does not finish, the client's connection is cut: so it sees a response that is too
 * short instead of one that looks whole. The other way round, whoever holds the upstream request
 * destroys it when the response closes.
 *
 * By hand, because `stream.pipeline` makes an AbortController and an AbortError for each response,
 * which stood at the top of the profile.
 */
export function relayBody(
  answer: IncomingMessage,
  response: ServerResponse,
  whole: () => void,
): void {
  let isFlushed = false;
  answer.once('data', () => {
    isFlushed = true;
  });
  answer.once('end', () => {
    isFlushed = true;
    if (answer.complete) whole();
  });
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
  answer.pipe(response);
  // The head goes out with the first of the body if that is here already, else alone: the body
  // of an event stream may take its time.
  setImmediate(() => {
    if (!isFlushed && !response.destroyed) response.flushHeaders();
  });
}
