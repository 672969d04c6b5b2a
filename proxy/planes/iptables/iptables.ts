import { DataPlaneError } from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { CommandResult, RunCommand } from '../kernel/index.ts';

/** Which of the kernel's two rule engines the command speaks to. */
export type IptablesVariant = 'nft' | 'legacy';

/** Drives `iptables` of one family and variant: text on standard input, no shell. */
export class Iptables {
  readonly #run: RunCommand;
  readonly #prefix: string;

  constructor(run: RunCommand, family: IPFamily, variant: IptablesVariant) {
    this.#run = run;
    this.#prefix = `${family === 'IPv6' ? 'ip6tables' : 'iptables'}-${variant}`;
  }

  /** All or nothing for each table. @throws DataPlaneError `TransactionRefused` */
  async restore(text: string): Promise<void> {
    const args = ['--noflush', '--counters', '-w', '10'];
    const legacyWaits = this.#prefix.endsWith('legacy') ? args : args.slice(0, 2);
    const result = await this.#run(`${this.#prefix}-restore`, legacyWaits, text);
    if (result.exitCode !== 0) throw refusal(result, text);
  }

  /** The rules of one table, as `iptables-save` prints them. */
  async save(table: 'nat' | 'filter'): Promise<string> {
    const result = await this.#run(`${this.#prefix}-save`, ['-t', table]);
    if (result.exitCode !== 0) throw refusal(result, '');
    return result.stdout;
  }

  /** True if the rule `CHAIN …` is there. */
  async has(table: 'nat' | 'filter', rule: string): Promise<boolean> {
    const args = ['-w', '10', '-t', table, '-C', ...rule.split(' ')];
    return (await this.#run(this.#prefix, args)).exitCode === 0;
  }
}

function refusal({ stderr }: CommandResult, text: string): DataPlaneError {
  const line = /line:? (\d+)/.exec(stderr)?.[1];
  const culprit = line === undefined ? '' : (text.split('\n')[Number(line) - 1] ?? '');
  const shown = culprit === '' || culprit === 'COMMIT' ? '' : ` at "${culprit.slice(0, 160)}"`;
  const why = stderr.trim().split('\n')[0]?.slice(0, 200) ?? '';
  const retryable = /temporarily|lock|memory|busy/i.test(stderr);
  return new DataPlaneError('TransactionRefused', `${why}${shown}`, retryable);
}
