import { Resolver } from 'node:dns/promises';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** The address that the daemon on this port gives for a Service; undefined while it has none. */
export async function clusterIPByDns(port: number, name: string): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  try {
    return (await resolver.resolve4(`${name}.default.svc.cluster.local`))[0];
  } catch {
    // No such name yet.
    return undefined;
  }
}

/** True when somebody answers with 200 there. */
export async function answers(address: string, port: number, host: string): Promise<boolean> {
  const request = get({ host: address, port, headers: { host }, agent: false, timeout: 1000 });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}
