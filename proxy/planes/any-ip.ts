import { readFile, writeFile } from 'node:fs/promises';
import { DataPlaneError, type Problem } from '../../controller/base/index.ts';

/** Runs one program without a shell; throws when it fails, with what it said. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<string>;

/** The routes that were added, to be removed at the end. */
export interface LocalRoutes extends AsyncDisposable {
  readonly problems: readonly Problem[];
}

/**
 * Makes ranges of addresses local to this machine by one route each ("AnyIP": `ip route add local
 * CIDR dev lo`), so that sockets can be bound to any address in them. Loopback ranges are local
 * already. A range that is local before stays so afterwards; without CAP_NET_ADMIN the range is a
 * problem, and what can be bound still serves.
 *
 * IPv6 sockets bind to addresses of interfaces alone, whatever the routes say, unless
 * net.ipv6.ip_nonlocal_bind lets them: it is turned on for as long. `procSys`: tests pass a folder.
 */
export async function makeLocal(
  cidrs: readonly string[],
  run: RunProgram,
  procSys: string = '/proc/sys',
): Promise<LocalRoutes> {
  const added: string[] = [];
  const problems: Problem[] = [];
  const freeBind = `${procSys}/net/ipv6/ip_nonlocal_bind`;
  let wasTurnedOn = false;
  for (const cidr of cidrs.filter((one) => !isLoopbackRange(one))) {
    try {
      if (cidr.includes(':')) wasTurnedOn = (await turnOn(freeBind)) || wasTurnedOn;
      if (await isLocal(cidr, run)) continue;
      await run('ip', [familyFlag(cidr), 'route', 'add', 'local', cidr, 'dev', 'lo']);
      added.push(cidr);
    } catch (error) {
      problems.push(notLocal(cidr, error));
    }
  }
  return {
    problems,
    async [Symbol.asyncDispose]() {
      for (const cidr of added) await removeRoute(cidr, run);
      if (wasTurnedOn) await writeFile(freeBind, '0');
    },
  };
}

/** True if it was off. */
async function turnOn(setting: string): Promise<boolean> {
  if ((await readFile(setting, 'utf8')).trim() !== '0') return false;
  await writeFile(setting, '1');
  return true;
}

async function isLocal(cidr: string, run: RunProgram): Promise<boolean> {
  const routes = await run('ip', [familyFlag(cidr), 'route', 'show', 'table', 'local', cidr]);
  return routes.trim() !== '';
}

async function removeRoute(cidr: string, run: RunProgram): Promise<void> {
  try {
    await run('ip', [familyFlag(cidr), 'route', 'del', 'local', cidr, 'dev', 'lo']);
  } catch (cause) {
    const message = `the route that makes ${cidr} local could not be removed`;
    throw new DataPlaneError('RouteNotRemoved', message, true, { cause });
  }
}

function notLocal(cidr: string, error: unknown): Problem {
  const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return {
    severity: 'error',
    reason: 'ServiceCidrNotLocal',
    message: `service CIDR ${cidr} is not local to this machine, so its addresses cannot be served: ${why}`,
    instead: `run as root, or once \`${byHand(cidr)}\`, or use a range in 127.0.0.0/8`,
  };
}

function byHand(cidr: string): string {
  const route = `ip ${familyFlag(cidr)} route add local ${cidr} dev lo`;
  return cidr.includes(':') ? `${route} && sysctl net.ipv6.ip_nonlocal_bind=1` : route;
}

function familyFlag(cidr: string): '-4' | '-6' {
  return cidr.includes(':') ? '-6' : '-4';
}

function isLoopbackRange(cidr: string): boolean {
  return cidr.startsWith('127.');
}
