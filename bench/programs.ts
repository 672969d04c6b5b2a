import { execFileSync, spawnSync } from 'node:child_process';

/** A program that benchmarks use and that is not Portolan's own. */
interface Program {
  /** Debian package. */
  readonly package: string;
  /** Prints the version on either output. */
  readonly version: readonly string[];
}

const programs: Readonly<Record<string, Program>> = {
  caddy: { package: 'caddy', version: ['version'] },
  conntrack: { package: 'conntrack', version: ['--version'] },
  dnsmasq: { package: 'dnsmasq-base', version: ['--version'] },
  dnsperf: { package: 'dnsperf', version: ['-h'] },
  etcd: { package: 'etcd-server', version: ['--version'] },
  h2load: { package: 'nghttp2-client', version: ['--version'] },
  haproxy: { package: 'haproxy', version: ['-v'] },
  ip: { package: 'iproute2', version: ['-V'] },
  iptables: { package: 'iptables', version: ['--version'] },
  keepalived: { package: 'keepalived', version: ['--version'] },
  nft: { package: 'nftables', version: ['--version'] },
  nginx: { package: 'nginx-light', version: ['-v'] },
  tcpdump: { package: 'tcpdump', version: ['--version'] },
  taskset: { package: 'util-linux', version: ['--version'] },
  unbound: { package: 'unbound', version: ['-V'] },
  wrk: { package: 'wrk', version: ['--version'] },
};

/** A program that is there, or why it is not. */
export type Found =
  | { readonly kind: 'present'; readonly name: string; readonly version: string }
  | { readonly kind: 'absent'; readonly name: string; readonly why: string };

/**
 * Looks for the programs, and installs those that are missing from Debian when this process may.
 * `print` says what takes its time.
 */
export function findPrograms(
  names: readonly string[],
  print: (text: string) => void,
): readonly Found[] {
  const missing = names.filter((name) => versionOf(name) === undefined);
  const packages = missing.map((name) => programs[name]?.package ?? name);
  const failure = packages.length > 0 ? install(packages, print) : undefined;
  return names.map((name) => {
    const version = versionOf(name);
    if (version !== undefined) return { kind: 'present', name, version };
    const wanted = programs[name]?.package ?? name;
    return { kind: 'absent', name, why: failure ?? `package ${wanted} does not bring it` };
  });
}

/** Installs Debian packages. Returns why not, in a few words. */
function install(packages: readonly string[], print: (text: string) => void): string | undefined {
  const asked = packages.join(' ');
  if (process.getuid?.() !== 0) return `install it with: apt-get install ${asked}`;
  print(`installing ${asked}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore', timeout: 120_000 });
    const flags = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    execFileSync('apt-get', flags, { env, stdio: 'ignore', timeout: 300_000 });
    return undefined;
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `apt-get install ${asked} failed: ${line}`;
  }
}

/** The first line that names a version; undefined: the program is not there. */
function versionOf(name: string): string | undefined {
  const args = programs[name]?.version ?? ['--version'];
  const { error, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8', timeout: 10_000 });
  if (error) return undefined;
  return `${stdout}\n${stderr}`.match(/\bv?(\d+\.\d+[\w.~+-]*)/)?.[1] ?? 'unknown version';
}
