import { isatty } from 'node:tty';
import { describeError } from '../../controller/base/index.ts';
import { type Command, type HostPort, helpText } from '../config/index.ts';
import { askDaemon } from './admin-client.ts';
import { followDaemonEvents } from './event-source.ts';
import { runBackup } from './backup.ts';
import { type CheckTools, runCheck } from './check.ts';
import { runExplain } from './explain.ts';
import { type KernelTools, runCleanup, runPlan } from './kernel.ts';
import { runDescribe } from './describe.ts';
import { runGet } from './get.ts';
import { type Printer, safeText } from './printer.ts';
import { runMigrate } from './migrate.ts';
import { runMigrateIngressNginx } from './migrate-ingress-nginx.ts';
import { runTop } from './top.ts';
import { runTrace } from './trace.ts';
import { printVersion } from './version.ts';

/** Every command but `up`: those that end by themselves. */
export type ShortCommand = Exclude<Command, { kind: 'up' }>;

/** What short commands need from outside. */
export interface ShortCommandOptions {
  readonly check: CheckTools;
  readonly kernel: KernelTools;
  readonly printer: Printer;
  readonly ask?: typeof askDaemon;
}

/** Runs a command that ends by itself and gives its exit status: 0, or 1 when it failed. */
export async function runShortCommand(
  command: ShortCommand,
  { check, kernel, printer, ask = askDaemon }: ShortCommandOptions,
): Promise<number> {
  const asking = (admin: HostPort) => (path: string) => ask(admin, path);
  try {
    switch (command.kind) {
      case 'check':
        return await runCheck(command, check, printer);
      case 'plan':
        return await runPlan(command, { check, kernel }, printer);
      case 'backup':
        return runBackup(command, printer);
      case 'cleanup':
        return await runCleanup(command, kernel, printer);
      case 'get':
        return await runGet(command, asking(command.admin), printer);
      case 'describe':
        return await runDescribe(command, asking(command.admin), printer);
      case 'trace':
        return await runTrace(command, asking(command.admin), printer);
      case 'top': {
        const follow = (path: string) => followDaemonEvents(command.admin, path);
        return await runTop(command, follow, printer, isatty(1));
      }
      case 'explain':
        return await runExplain(command, asking(command.admin), printer);
      case 'migrate':
        return command.from === 'ingress-nginx'
          ? await runMigrateIngressNginx(command, check, printer)
          : runMigrate(command, printer);
      case 'version':
        printVersion(command.output, printer);
        return 0;
      case 'help':
        printer.out(helpText(command.topic));
        return 0;
    }
  } catch (error) {
    // The cause's own text is part of the message where it helps.
    const message = error instanceof Error ? error.message : describeError(error);
    printer.error(`portolan: ${safeText(message)}\n`);
    return 1;
  }
}
