import type { Configuration } from '../config/index.ts';
import type { RunningPlane } from '../views/index.ts';
import type { Daemon } from './daemon.ts';

/** The planes that serve, and where. */
export function runningPlanes(
  daemon: Daemon,
  { proxyMode, ingressEngine }: Configuration,
): readonly RunningPlane[] {
  const addresses = daemon.addresses();
  const named = (...names: readonly string[]): RunningPlane['addresses'] =>
    addresses.filter(({ name }) => names.includes(name));
  const planes: readonly RunningPlane[] = [
    { name: proxyMode, serves: 'services', addresses: [] },
    { name: 'dns', serves: 'dns', addresses: named('dns', 'dns-tcp') },
    { name: ingressEngine, serves: 'ingress', addresses: named('http', 'https') },
  ];
  return planes.filter(({ serves, addresses: own }) =>
    serves === 'services' ? proxyMode !== 'none' : own.length > 0,
  );
}
