import { DataPlaneError } from '../../../controller/base/index.ts';
import type { CommandResult, RunCommand } from '../kernel/index.ts';
import type { ElementChange } from './objects.ts';
import { type Listing, parseListing } from './listing.ts';

/** What the plane needs of nftables: the command, or a fake. `table` is family and name. */
export interface Nft {
  /**
   * Applies one transaction: all of it or nothing. `elements`: the same once more, if it only
   * changes elements.
   * @throws DataPlaneError `TransactionRefused` with nft's words and the line, `ProgramMissing`
   */
  apply(transaction: string, elements?: ElementChange): Promise<void>;
  /** What the table holds; undefined: there is none. Slow: a second for 100 000 elements. */
  list(table: string): Promise<Listing | undefined>;
  /** Whether the table and its rules are still there; a few milliseconds, whatever its size. */
  probe(table: string, fingerprint: string): Promise<TableState>;
  /** The version of the command. */
  version(): Promise<string>;
  /** Gives back what it holds open; after that it may be slower, but works. */
  close?(): void;
}

/** `flushed`: the table is there, its rules are not. */
export type TableState = 'intact' | 'flushed' | 'gone';

/** Drives the `nft` command: one process a call, text on standard input. */
export class NftCommand implements Nft {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  async apply(transaction: string): Promise<void> {
    if (transaction === '') return;
    const result = await this.#run('nft', ['-f', '-'], transaction);
    if (result.exitCode !== 0) throw refusal(result, transaction);
  }

  async list(table: string): Promise<Listing | undefined> {
    const result = await this.#run('nft', ['-nn', 'list', 'table', ...table.split(' ')]);
    if (result.exitCode === 0) return parseListing(result.stdout);
    if (isMissing(result)) return undefined;
    throw refusal(result, `list table ${table}`);
  }

  /**
   * Asks the kernel (`-c`: check, change nothing) to delete the chain that the rules jump to. That
   * it is busy means that they stand. Listing instead would make nft read every element.
   */
  async probe(table: string, fingerprint: string): Promise<TableState> {
    const request = `delete chain ${table} ${fingerprint}\n`;
    const result = await this.#run('nft', ['-c', '-f', '-'], request);
    if (result.exitCode === 0) return 'flushed';
    if (isMissing(result)) return 'gone';
    if (result.stderr.includes('Device or resource busy')) return 'intact';
    throw refusal(result, request);
  }

  async version(): Promise<string> {
    const { stdout } = await this.#run('nft', ['--version']);
    return /v(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? stdout.trim();
  }
}

function isMissing({ stderr }: CommandResult): boolean {
  return stderr.includes('No such file or directory');
}

/** Enough of a line to recognise the object; transactions have lines of many kilobytes. */
const shownCharacters = 160;

function refusal({ stderr }: CommandResult, script: string): DataPlaneError {
  const match = /^[^:\n]*:(\d+):(\d+)-\d+: (?:Error: )?(.*)$/m.exec(stderr);
  const [, line = '', column = '', why = stderr.trim().slice(0, shownCharacters)] = match ?? [];
  const text = script.split('\n')[Number(line) - 1] ?? '';
  const from = Math.max(0, Number(column) - 1);
  const shown = text.slice(from, from + shownCharacters);
  const message = match ? `${why} at "${shown}" (line ${line})` : `nft failed: ${why}`;
  // The kernel's own shortages pass; whatever else is refused will be refused again.
  const retryable = /memory|temporarily|Interrupted|busy/i.test(stderr);
  return new DataPlaneError('TransactionRefused', message, retryable);
}
