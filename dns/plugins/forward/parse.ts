import { describeError } from '../../../controller/base/index.ts';
import {
  choiceOf,
  corefileError,
  type Directive,
  durationOf,
  expectArgs,
  integerOf,
  nameOf,
  noArgs,
  oneArg,
  readOptions,
  type Token,
} from '../../corefile/index.ts';
import { canonicalAddress, rcode } from '../../wire/index.ts';
import { type BlockScope, zonesOfToken } from '../kind.ts';
import { defaultForward, type ForwardConfig } from './config.ts';
import { parseUpstream } from './upstream.ts';

/** As many as a line may have. */
const maxUpstreams = 15;

/** Options in the order of the documentation. */
export const forwardOptions = [
  'except',
  'force_tcp',
  'prefer_udp',
  'expire',
  'max_age',
  'max_idle_conns',
  'read_timeout',
  'max_fails',
  'max_connect_attempts',
  'policy',
  'health_check',
  'max_concurrent',
  'failover',
  'next',
  'next_on_nodata',
  'source_address',
  'doh_method',
  'failfast_all_unhealthy_upstreams',
  'tls',
  'tls_servername',
] as const;

/** Reads a `forward` line. @throws ConfigError */
export function parseForward(line: Directive, scope: BlockScope): ForwardConfig {
  expectArgs(line, 2, maxUpstreams + 1, 'forward FROM TO...');
  const [from, ...to] = line.args;
  const zones = from ? zonesOfToken(from) : [];
  const [zone] = zones;
  if (!zone || zones.length > 1) {
    throw corefileError('forward takes one zone: write each in a line of its own', line.name.at);
  }
  let config: ForwardConfig = { ...defaultForward, from: zone, upstreams: upstreamsOf(to, scope) };
  const set = (more: Partial<ForwardConfig>): void => {
    config = { ...config, ...more };
  };
  readOptions(line, {
    except: (one) => {
      expectArgs(one, 1, 1000, 'except NAME...');
      set({ except: [...config.except, ...one.args.flatMap(zonesOfToken)] });
    },
    force_tcp: (one) => set({ forceTcp: noArgs(one) }),
    prefer_udp: (one) => set({ preferUdp: noArgs(one) }),
    expire: (one) => set({ expireMs: durationOf(oneArg(one, 'expire DURATION')) }),
    max_age: (one) => set({ maxAgeMs: durationOf(oneArg(one, 'max_age DURATION')) }),
    max_idle_conns: (one) =>
      set({ maxIdleConns: integerOf(oneArg(one, 'max_idle_conns NUMBER'), 0, 65535) }),
    read_timeout: (one) =>
      set({ readTimeoutMs: durationOf(oneArg(one, 'read_timeout DURATION'), 1) }),
    max_fails: (one) => set({ maxFails: integerOf(oneArg(one, 'max_fails NUMBER'), 0, 1000) }),
    max_connect_attempts: (one) =>
      set({ maxConnectAttempts: integerOf(oneArg(one, 'max_connect_attempts NUMBER'), 0, 1000) }),
    policy: (one) =>
      set({
        policy: choiceOf(oneArg(one, 'policy NAME'), ['random', 'round_robin', 'sequential']),
      }),
    health_check: (one) => set({ healthCheck: healthCheckOf(one) }),
    max_concurrent: (one) =>
      set({
        maxConcurrent: integerOf(oneArg(one, 'max_concurrent NUMBER'), 0, 1_000_000) || 65_536,
      }),
    failover: (one) => {
      expectArgs(one, 1, 20, 'failover RCODE...');
      set({ failover: one.args.map(rcodeOf) });
    },
    next: (one) => {
      expectArgs(one, 1, 20, 'next RCODE...');
      set({ next: one.args.map(rcodeOf) });
    },
    next_on_nodata: (one) => set({ nextOnNodata: noArgs(one) }),
    source_address: (one) => set({ sourceAddress: addressOf(oneArg(one, 'source_address ADDR')) }),
    doh_method: (one) =>
      set({ dohMethod: choiceOf(oneArg(one, 'doh_method GET|POST'), ['GET', 'POST']) }),
    failfast_all_unhealthy_upstreams: (one) => set({ failFast: noArgs(one) }),
    tls: (one) => set({ tls: tlsOf(one, scope) }),
    tls_servername: (one) => set({ tlsServerName: oneArg(one, 'tls_servername NAME').text }),
  } satisfies Record<(typeof forwardOptions)[number], (one: Directive) => void>);
  return config;
}

/** Addresses, or the one file that holds them. */
function upstreamsOf(to: readonly Token[], scope: BlockScope): string | readonly string[] {
  const [first] = to;
  const isFile = ({ text }: Token): boolean =>
    text.includes('/') && !/^(?:dns|tls|https):/.test(text);
  if (first && to.length === 1 && isFile(first)) return scope.path(first.text);
  for (const token of to) {
    try {
      parseUpstream(token.text);
    } catch (error) {
      throw corefileError(describeError(error), token.at);
    }
  }
  return to.map(({ text }) => text);
}

function addressOf(token: Token): string {
  const address = canonicalAddress(token.text);
  if (address === undefined) throw corefileError(`"${token.text}" is no address`, token.at);
  return address;
}

function healthCheckOf(line: Directive): ForwardConfig['healthCheck'] {
  expectArgs(line, 1, 4, 'health_check DURATION [no_rec] [domain NAME]');
  const [interval, ...more] = line.args;
  const check = { ...defaultForward.healthCheck };
  if (interval) check.intervalMs = durationOf(interval, 1);
  for (let i = 0; i < more.length; i += 1) {
    const word = more[i];
    const value = more[i + 1];
    if (word?.text === 'no_rec') check.recursionDesired = false;
    else if (word?.text === 'domain' && value) {
      check.name = nameOf(value);
      i += 1;
    } else if (word)
      throw corefileError(`"${word.text}" is neither no_rec nor domain NAME`, word.at);
  }
  return check;
}

/** The number of an rcode by its name. */
function rcodeOf(token: Token): number {
  const found = Object.entries(rcode).find(([name]) => name === token.text.toUpperCase());
  if (found) return found[1];
  throw corefileError(`"${token.text}" is no rcode: write SERVFAIL, REFUSED, NXDOMAIN …`, token.at);
}

function tlsOf(line: Directive, scope: BlockScope): ForwardConfig['tls'] {
  expectArgs(line, 0, 3, 'tls [CERT KEY] [CA]');
  const paths = line.args.map(({ text }) => scope.path(text));
  const [first, second, third] = paths;
  if (first === undefined) return {};
  if (second === undefined) return { caFile: first };
  return { certFile: first, keyFile: second, ...(third === undefined ? {} : { caFile: third }) };
}
