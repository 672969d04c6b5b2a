import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));

/** Longer than any of it takes on a busy two-core machine; reached only when something hangs. */
const deadlineMs = 60_000;

/** A folder of manifests that a test writes and rewrites. */
export class ManifestFolder {
  readonly path: string;

  constructor(context: TestContext) {
    this.path = mkdtempSync(join(tmpdir(), 'portolan-manifests-'));
    context.after(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  delete(name: string): void {
    rmSync(join(this.path, name));
  }
}

/** A daemon of its own for one test: free ports, its own service range and data folder. */
export class RunningDaemon {
  readonly addresses: Readonly<Record<string, string>>;
  readonly #child: ChildProcess;
  readonly #stderr: string[];

  constructor(child: ChildProcess, stderr: string[], addresses: Record<string, string>) {
    this.#child = child;
    this.#stderr = stderr;
    this.addresses = addresses;
  }

  get log(): string {
    return this.#stderr.join('');
  }

  /** The port of a named address of the ready line. */
  port(name: string): number {
    return Number(this.addresses[name]?.split(':').at(-1));
  }

  /** GET on the admin address, parsed. */
  async admin(path: string): Promise<unknown> {
    const answer = await fetch(`http://${this.addresses['admin']}${path}`);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return isJson ? (JSON.parse(text) as unknown) : text;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with the exit status. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}

/** What `portolan` prints and how it ends, run to its end. */
export async function runPortolan(
  args: readonly string[],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const parts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => void (parts.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => void (parts.stderr += String(chunk)));
  const watchdog = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  await once(child, 'close');
  clearTimeout(watchdog);
  return { status: child.exitCode, ...parts };
}

/**
 * A /24 in 127.0.0.0/8 that no other test process uses at the same time: test files run in
 * parallel, and their numbers differ while they live.
 */
export function ownServiceCidr(): string {
  return `127.${128 + (Math.floor(process.pid / 256) % 64)}.${process.pid % 256}.0/24`;
}

/** Starts `portolan up` on the folder, or on what the flags name; ends it after the test. */
export function spawnDaemon(
  context: TestContext,
  folder: ManifestFolder | undefined,
  flags: readonly string[] = [],
): ChildProcess {
  const data = mkdtempSync(join(tmpdir(), 'portolan-data-'));
  const free = '127.0.0.1:0';
  const args = ['up', '--data-dir', join(data, 'data')];
  if (folder) args.push('-f', folder.path);
  args.push('--service-cidr', ownServiceCidr(), '--workers', '2', '--log-format', 'json');
  args.push('--ingress-http', free, '--ingress-https', free, '--dns', free, '--admin', free);
  // Most tests do without; each would hold the same port.
  if (!flags.includes('--api')) args.push('--api', 'off');
  args.push(...flags);
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  context.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(data, { recursive: true, force: true });
  });
  return child;
}

/** Starts `portolan up` on the folder and waits until it is ready. */
export async function startDaemon(
  context: TestContext,
  folder: ManifestFolder | undefined,
  flags: readonly string[] = [],
): Promise<RunningDaemon> {
  const child = spawnDaemon(context, folder, flags);
  const stderr: string[] = [];
  child.stderr?.on('data', (chunk) => stderr.push(String(chunk)));
  const addresses = await readyLine(child, stderr);
  return new RunningDaemon(child, stderr, addresses);
}

async function readyLine(child: ChildProcess, stderr: string[]): Promise<Record<string, string>> {
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${stderr.join('')}`));
    const watchdog = setTimeout(() => fail('not ready in time'), deadlineMs);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(watchdog);
      resolve((JSON.parse(text.slice(0, end)) as { addresses: Record<string, string> }).addresses);
    });
    child.once('exit', (status) => {
      clearTimeout(watchdog);
      fail(`ended with status ${status} before it was ready`);
    });
  });
}

/** Asks again until the answer is as wanted; the message of the last failure if it never is. */
export async function eventually<T>(ask: () => Promise<T> | T): Promise<T> {
  const until = performance.now() + deadlineMs / 2;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
