import {
  type Clock,
  DataPlaneError,
  type ProblemSink,
  silentLog,
  systemClock,
} from '../../controller/base/index.ts';
import type { IptablesVariant, KernelPlane } from '../../proxy/index.ts';
import type { KernelTools } from '../cli/index.ts';
import { PrometheusMeter } from '../metrics/prometheus-meter.ts';
import { cleanDnsAddresses } from '../up/dns-local.ts';
import { createKernelPlane, type KernelMode } from '../up/kernel-plane.ts';
import { compileOnce, defaults } from './compile-once.ts';

/** Nobody watches a command that ends by itself. */
const problems: ProblemSink = { replace: () => {} };
const clock: Clock = systemClock;

function plane(
  mode: KernelMode,
  serviceProxyName?: string,
  variant?: IptablesVariant,
): KernelPlane {
  const context = { log: silentLog, meter: new PrometheusMeter(), clock, problems };
  return createKernelPlane(mode, { ...defaults(), serviceProxyName }, context, variant);
}

/** What `portolan plan` and `portolan cleanup` run on. */
export const kernelTools: KernelTools = {
  async plan(objects, mode) {
    const { services } = await compileOnce(objects);
    return plane(mode).plan(services);
  },
  async cleanup(name) {
    return [
      await cleanup('nftables', plane('nftables', name)),
      // Both: the node may have changed from one to the other since.
      await cleanup('iptables-nft', plane('iptables', name, 'nft')),
      await cleanup('iptables-legacy', plane('iptables', name, 'legacy')),
      await cleanDnsAddresses(),
    ];
  },
};

async function cleanup(engine: string, subject: KernelPlane): Promise<string> {
  try {
    await subject.cleanup();
    return `${engine}: nothing of Portolan is left`;
  } catch (error) {
    // Where the program is missing, nothing can have been made with it.
    if (!(error instanceof DataPlaneError) || error.code !== 'ProgramMissing') throw error;
    return `${engine}: not installed`;
  }
}
