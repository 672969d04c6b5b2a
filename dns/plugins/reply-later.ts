import type { Eventually, Reply } from './plugin.ts';

/** Changes a reply as soon as it is there: at once when it is. */
export function mapReply(
  reply: Eventually<Reply>,
  change: (reply: Reply) => Reply,
): Eventually<Reply> {
  return reply instanceof Promise ? reply.then(change) : change(reply);
}

/** As `mapReply`, for changes that may take a lookup of their own. */
export function thenReply(
  reply: Eventually<Reply>,
  change: (reply: Reply) => Eventually<Reply>,
): Eventually<Reply> {
  return reply instanceof Promise ? reply.then(change) : change(reply);
}
