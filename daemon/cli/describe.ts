import type { Command } from '../config/index.ts';
import { describePath } from '../views/index.ts';
import type { Ask } from './get.ts';
import { type Printer, safeText } from './printer.ts';

type Describe = Extract<Command, { kind: 'describe' }>;

/**
 * `portolan describe`: prints all about one object. Exit status 1 when there is none.
 * @throws PortolanError as `askDaemon`
 */
export async function runDescribe(command: Describe, ask: Ask, printer: Printer): Promise<number> {
  const parts = [command.resource, command.namespace, command.name].map(encodeURIComponent);
  const reply = await ask(`${describePath}${parts.join('/')}`);
  if (reply.status === 200) {
    printer.out(safeText(reply.body));
    return 0;
  }
  printer.error(`portolan: ${safeText(reply.body).trimEnd()}\n`);
  return 1;
}
