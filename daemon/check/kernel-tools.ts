import {
  type Clock,
  DataPlaneError,
  type ProblemSink,
  silentLog,
  systemClock,
} from '../../controller/base/index.ts';
import type { KernelPlane } from '../../proxy/index.ts';
import type { KernelTools } from '../cli/index.ts';
import { PrometheusMeter } from '../metrics/prometheus-meter.ts';
import { cleanDnsAddresses } from '../up/dns-local.ts';
import { createKernelPlane, type KernelMode, kernelModes } from '../up/kernel-plane.ts';
import { compileOnce, defaults } from './compile-once.ts';

/** Nobody watches a command that ends by itself. */
const problems: ProblemSink = { replace: () => {} };
const clock: Clock = systemClock;

function plane(mode: KernelMode): KernelPlane {
  const context = { log: silentLog, meter: new PrometheusMeter(), clock, problems };
  return createKernelPlane(mode, defaults(), context);
}

/** What `portolan plan` and `portolan cleanup` run on. */
export const kernelTools: KernelTools = {
  async plan(objects, mode) {
    const { services } = await compileOnce(objects);
    return plane(mode).plan(services);
  },
  async cleanup() {
    const lines: string[] = [];
    for (const mode of kernelModes) lines.push(await cleanup(mode));
    lines.push(await cleanDnsAddresses());
    return lines;
  },
};

async function cleanup(mode: KernelMode): Promise<string> {
  try {
    await plane(mode).cleanup();
    return `${mode}: nothing of Portolan is left`;
  } catch (error) {
    // Where the program is missing, nothing can have been made with it.
    if (!(error instanceof DataPlaneError) || error.code !== 'ProgramMissing') throw error;
    return `${mode}: not installed`;
  }
}
