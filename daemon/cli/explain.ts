import type { Command } from '../config/index.ts';
import { explainPath } from '../views/index.ts';
import type { Ask } from './get.ts';
import { type Printer, safeText } from './printer.ts';

type Explain = Extract<Command, { kind: 'explain' }>;

/**
 * `portolan explain`: prints what DNS answers and why. Exit status 1 when the question makes no
 * sense or nobody can be asked.
 * @throws PortolanError as `askDaemon`
 */
export async function runExplain(command: Explain, ask: Ask, printer: Printer): Promise<number> {
  const query = new URLSearchParams({ name: command.name });
  if (command.type !== undefined) query.set('type', command.type);
  if (command.client !== undefined) query.set('client', command.client);
  const reply = await ask(`${explainPath}?${query.toString()}`);
  if (reply.status === 200) {
    printer.out(safeText(reply.body));
    return 0;
  }
  printer.error(`portolan: ${safeText(reply.body).trimEnd()}\n`);
  return 1;
}
