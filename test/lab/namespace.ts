import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemCommands } from '../../proxy/planes/kernel/index.ts';
import type { RunCommand } from '../../proxy/planes/kernel/index.ts';
import type { AgentAnswer, AgentRequest } from './agent.ts';

type WithoutId<R> = R extends AgentRequest ? Omit<R, 'id'> : never;

const agentFile = fileURLToPath(new URL('agent.ts', import.meta.url));

/** Runs a program on the host and throws if it fails. Only `ip netns` may be passed. */
function ipOnHost(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** One network namespace that the test made, with an agent in it. Deleted when disposed. */
export class Namespace implements AsyncDisposable {
  readonly name: string;
  /** As `ip netns` keeps it: what setns(2) takes. */
  readonly path: string;
  /** Programs inside it. */
  readonly run: RunCommand;
  readonly #waiting = new Map<number, (text: string) => void>();
  #agent: ChildProcess | undefined = undefined;
  #asked = 0;

  constructor(name: string) {
    this.name = name;
    this.path = `/run/netns/${name}`;
    this.run = systemCommands(['ip', 'netns', 'exec', name]);
    ipOnHost('netns', 'add', name);
  }

  /** `ip` commands, one a line. */
  async ip(lines: readonly string[]): Promise<void> {
    const result = await this.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
    if (result.exitCode !== 0) throw new Error(`${this.name}: ${result.stderr}`);
  }

  async sysctl(...settings: readonly string[]): Promise<void> {
    const result = await this.run('sysctl', ['-qw', ...settings]);
    if (result.exitCode !== 0) throw new Error(`${this.name}: ${result.stderr}`);
  }

  /** Sends the agent a request; the first one starts it. */
  async tell(request: WithoutId<AgentRequest>): Promise<string> {
    this.#asked += 1;
    const id = this.#asked;
    const agent = (this.#agent ??= this.#start());
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      agent.stdin?.write(`${JSON.stringify({ ...request, id })}\n`);
    });
  }

  #start(): ChildProcess {
    const agent = spawn('ip', ['netns', 'exec', this.name, process.execPath, agentFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (agent.stdout) {
      createInterface({ input: agent.stdout }).on('line', (line) => {
        const { id, text } = JSON.parse(line) as AgentAnswer;
        this.#waiting.get(id)?.(text);
        this.#waiting.delete(id);
      });
    }
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#agent && this.#agent.exitCode === null) {
      const ended = once(this.#agent, 'exit');
      this.#agent.kill('SIGKILL');
      await ended;
    }
    ipOnHost('netns', 'delete', this.name);
  }
}
