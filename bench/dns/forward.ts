import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeAddress, Peer } from '../l4/peer.ts';
import type { Case } from './case.ts';
import { dnsperf } from './dnsperf.ts';
import { forwardingUnboundConfig, outsideQueries } from './files.ts';
import { dnsAddress, pinned, startDaemon } from './scene.ts';
import { compareRates } from './throughput.ts';
import { Upstream } from './upstreams.ts';

/** Names of elsewhere, kept: 5000 of them, as many as both keep by default. */
const namesKept = 5000;

/** Answers of another resolver, from the cache. */
export const cachedForwards: Case = async (scene) => {
  const { resources, folder, context } = scene;
  const upstream = resources.use(await Upstream.start());
  const { host, port } = upstream.at;
  const list = join(folder, 'outside');
  writeFileSync(list, outsideQueries(context.quick ? 100 : namesKept));
  const daemon = await startDaemon(scene, {
    corefile: `.:53 {\n cache\n forward . ${host}:${port}\n}\n`,
    services: 1,
  });
  const contenders = [{ name: 'portolan', at: dnsAddress(daemon) }];
  if (context.peers.has('unbound')) {
    const at = await freeAddress();
    const config = join(folder, 'forwarding.conf');
    writeFileSync(config, forwardingUnboundConfig(at, upstream.at));
    resources.use(await Peer.start([...pinned(), 'unbound', '-d', '-c', config], at));
    contenders.unshift({ name: 'unbound', at });
  }
  // Until each has every name.
  for (const { at } of contenders) await dnsperf(at, { mode: 'udp', list, seconds: 2, rate: 3000 });
  return await compareRates(scene, 'kept answers over udp', contenders, {
    mode: 'udp',
    bar: 0.5,
    list,
  });
};
