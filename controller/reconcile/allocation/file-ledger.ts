import { readFileSync, renameSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, type ProblemSink } from '../../base/index.ts';
import { type AllocationLedger, type LedgerEntries, MemoryLedger } from './ledger.ts';

/** Source of this file's problems. */
const source = 'allocation-ledger';

/**
 * A ledger in a JSON file. It is read once, here; changes are written soon after, at once whole:
 * a reader, or a start after a crash, sees the old file or the new one. A file that cannot be read
 * is kept aside as `<path>.damaged`, reported, and everything starts anew.
 */
export function createFileLedger(path: string, problems: ProblemSink): AllocationLedger {
  return new FileLedger(path, problems);
}

class FileLedger implements AllocationLedger {
  readonly #path: string;
  readonly #problems: ProblemSink;
  readonly #memory: MemoryLedger;
  #dirty = false;
  #writing: Promise<void> | undefined;

  constructor(path: string, problems: ProblemSink) {
    this.#path = path;
    this.#problems = problems;
    this.#memory = new MemoryLedger(load(path, problems), () => this.#changed());
  }

  recorded(owner: string, field: string): string | undefined {
    return this.#memory.recorded(owner, field);
  }

  keptFor(value: string): string | undefined {
    return this.#memory.keptFor(value);
  }

  record(owner: string, allocations: ReadonlyMap<string, string>): void {
    this.#memory.record(owner, allocations);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  #changed(): void {
    this.#dirty = true;
    this.#writing ??= this.#writeWhileDirty();
  }

  /** One write at a time; what changes during one is in the next. Failures wait for a change. */
  async #writeWhileDirty(): Promise<void> {
    // Leaves the caller first: a thousand allocations in one turn become one write.
    await Promise.resolve();
    while (this.#dirty) {
      this.#dirty = false;
      try {
        await writeDurably(this.#path, serialise(this.#memory.entries()));
        this.#problems.replace(source, []);
      } catch (error) {
        this.#problems.replace(source, [notWritten(this.#path, error)]);
      }
    }
    this.#writing = undefined;
  }
}

function serialise(allocations: LedgerEntries): string {
  return `${JSON.stringify({ version: 1, allocations }, undefined, 1)}\n`;
}

/** New file, fsync, rename, fsync of the folder: POSIX promises no less for a crash in between. */
async function writeDurably(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(temporary, path);
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

function load(path: string, problems: ProblemSink): LedgerEntries {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return {};
    problems.replace(source, [damaged(path, error)]);
    return {};
  }
  try {
    return parse(text);
  } catch (error) {
    renameSync(path, `${path}.damaged`);
    problems.replace(source, [damaged(path, error)]);
    return {};
  }
}

function parse(text: string): LedgerEntries {
  const whole: unknown = JSON.parse(text);
  if (!isRecord(whole) || whole['version'] !== 1 || !isRecord(whole['allocations'])) {
    throw new Error('it is no allocation ledger of version 1');
  }
  const entries: Record<string, Record<string, string>> = {};
  for (const [owner, fields] of Object.entries(whole['allocations'])) {
    if (!isRecord(fields)) throw new Error(`the entry of ${owner} is no object`);
    const strings = Object.entries(fields).map(([field, value]) => {
      if (typeof value !== 'string') throw new Error(`${field} of ${owner} is no text`);
      return [field, value] as const;
    });
    entries[owner] = Object.fromEntries(strings);
  }
  return entries;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function damaged(path: string, error: unknown) {
  return {
    severity: 'warning',
    reason: 'LedgerDamaged',
    message: `${path} cannot be read (${describeError(error)}); addresses are allocated anew and may differ from before`,
    instead: `restore it from a backup before the next start; the old file is kept as ${path}.damaged`,
  } as const;
}

function notWritten(path: string, error: unknown) {
  return {
    severity: 'warning',
    reason: 'LedgerNotWritten',
    message: `${path} cannot be written (${describeError(error)}); addresses may differ after a restart`,
    instead: 'make the data directory writable, or choose another with --data-dir',
  } as const;
}
