import { execa } from 'execa';
import { makeLocal } from '../../proxy/index.ts';
import type { Configuration } from '../config/index.ts';

/** Makes the ranges of ClusterIPs this machine's own, as far as they are not; undone on disposal. */
export async function makeServiceCidrsLocal({
  serviceCidrs,
}: Configuration): Promise<Awaited<ReturnType<typeof makeLocal>>> {
  const cidrs = serviceCidrs.map(({ text }) => text);
  return await makeLocal(cidrs, async (file, args) => {
    const { stdout } = await execa(file, args, { timeout: 5_000, maxBuffer: 65_536 });
    return stdout;
  });
}
