import { isIP } from 'node:net';
import { ConfigError } from '../../controller/base/index.ts';
import type { Protocol } from '../../controller/objects/index.ts';

/** What is to be traced. */
export type TraceTarget =
  | { readonly kind: 'http'; readonly url: URL }
  | { readonly kind: 'dns'; readonly name: string; readonly type: string }
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      /** A port's number or name. */
      readonly port: string;
      readonly protocol: Protocol;
    }
  | {
      readonly kind: 'address';
      readonly address: string;
      readonly port: number;
      readonly protocol: Protocol;
    };

const forms =
  'a URL, "dns NAME [TYPE]", [NAMESPACE/]SERVICE:PORT, or ADDRESS:PORT, the last two with /udp or /sctp behind them if meant';

/**
 * Understands what a user writes. `namespace` is that of Services named without one.
 * @throws ConfigError `InvalidTarget`
 */
export function parseTarget(text: string, namespace: string): TraceTarget {
  const words = text.trim().split(/\s+/);
  if (words[0] === 'dns' && words[1] !== undefined && words.length <= 3) {
    return { kind: 'dns', name: words[1], type: (words[2] ?? 'A').toUpperCase() };
  }
  if (words.length !== 1) throw invalid(text);
  if (/^https?:\/\//i.test(text)) return { kind: 'http', url: readUrl(text) };
  return readL4(text, namespace);
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw invalid(text);
  return new URL(text);
}

function readL4(text: string, namespace: string): TraceTarget {
  const match = /^(?<host>.+):(?<port>[a-z0-9-]+)(?:\/(?<protocol>tcp|udp|sctp))?$/i.exec(text);
  const { host = '', port = '', protocol = 'tcp' } = match?.groups ?? {};
  const upper = protocol.toUpperCase();
  const known = upper === 'UDP' || upper === 'SCTP' ? upper : 'TCP';
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && /^\d{1,5}$/.test(port)) {
    return { kind: 'address', address, port: Number(port), protocol: known };
  }
  const [first = '', second, ...more] = host.split('/');
  if (!match || first === '' || second === '' || more.length > 0) throw invalid(text);
  return second === undefined
    ? { kind: 'service', namespace, name: first, port, protocol: known }
    : { kind: 'service', namespace: first, name: second, port, protocol: known };
}

function invalid(text: string): ConfigError {
  const message = `${JSON.stringify(text)} cannot be traced: write ${forms}`;
  return new ConfigError('InvalidTarget', message);
}
