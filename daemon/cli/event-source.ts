import { Agent, request } from 'undici';
import { PortolanError } from '../../controller/base/index.ts';
import type { HostPort } from '../config/index.ts';
import { daemonOrigin, unreachableText } from './admin-client.ts';
import type { ServerSentEvent } from './top.ts';

/** More than the longest event: five minutes of samples. */
const maxEventBytes = 16 * 1024 * 1024;

/**
 * Follows a stream of a running daemon (server-sent events, WHATWG HTML section 9.2) until it ends.
 * @throws PortolanError `DaemonUnreachable`
 */
export async function* followDaemonEvents(
  admin: HostPort,
  path: string,
): AsyncIterable<ServerSentEvent> {
  const agent = new Agent({ connect: { timeout: 10_000 }, bodyTimeout: 10_000 });
  try {
    const reply = await request(`${daemonOrigin(admin)}${path}`, { dispatcher: agent });
    if (reply.statusCode !== 200) {
      throw new PortolanError('DaemonBusy', (await reply.body.text()).trim());
    }
    let text = '';
    for await (const chunk of reply.body.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > maxEventBytes) throw new Error('an event that does not end');
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks.map(readEvent);
    }
  } catch (cause) {
    if (cause instanceof PortolanError) throw cause;
    throw new PortolanError('DaemonUnreachable', unreachableText(admin, cause), { cause });
  } finally {
    await agent.destroy();
  }
}

function readEvent(block: string): ServerSentEvent {
  const field = (name: string): string =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  return { event: field('event') || 'message', data: field('data') };
}
