import type { Problem } from '../../controller/base/index.ts';
import type { AnyObject } from '../../controller/objects/index.ts';
import { type Command, formatProblem } from '../config/index.ts';
import type { CheckTools } from './check.ts';
import { type Printer, safeText } from './printer.ts';

/** What commands about kernel rules run on, chosen by the daemon. */
export interface KernelTools {
  /** The rules that these objects lead to, as text for the mode's own program. */
  plan(objects: readonly AnyObject[], mode: 'nftables' | 'iptables'): Promise<string>;
  /** Removes everything of ours; gives one line for each mode. @throws Error without root */
  cleanup(serviceProxyName: string | undefined): Promise<readonly string[]>;
}

/** `portolan plan`: rules to standard output, what is wrong to standard error. 1 on any error. */
export async function runPlan(
  command: Extract<Command, { kind: 'plan' }>,
  tools: { readonly check: CheckTools; readonly kernel: KernelTools },
  printer: Printer,
): Promise<number> {
  const input = await tools.check.read(command.paths);
  const errors = input.problems.filter((one: Problem) => one.severity === 'error');
  for (const problem of errors) printer.error(`${safeText(formatProblem(problem))}\n`);
  printer.out(await tools.kernel.plan(input.objects, command.mode));
  return errors.length > 0 ? 1 : 0;
}

/** `portolan cleanup`. */
export async function runCleanup(
  { serviceProxyName }: Extract<Command, { kind: 'cleanup' }>,
  kernel: KernelTools,
  printer: Printer,
): Promise<number> {
  for (const line of await kernel.cleanup(serviceProxyName)) printer.out(`${line}\n`);
  return 0;
}
