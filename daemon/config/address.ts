import { isIP, isIPv6 } from 'node:net';
import { accept, type OptionType, type Parsed, refuse, single } from './option-type.ts';

/** An address literal and a port; port 0 lets the system pick a free one. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where a part listens, or that it is turned off. */
export type Listen = HostPort | 'off';

const listenForms = 'ADDRESS:PORT, [IPV6]:PORT, :PORT (on 127.0.0.1) or off';

/** `host:port`, IPv6 in brackets: what `parseListen` reads. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As `formatHostPort`, and `off`. */
export function formatListen(listen: Listen): string {
  return listen === 'off' ? 'off' : formatHostPort(listen);
}

/**
 * Reads ADDR. A missing host means loopback and never every interface: whoever wants that writes
 * `0.0.0.0:PORT` or `[::]:PORT`. Names other than `localhost` are refused, since what they
 * resolve to may change between two starts.
 */
export function parseListen(text: string): Parsed<Listen> {
  if (text === 'off') return accept('off');
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (!match) return refuse(text, 'is no address to listen on', listenFormsFor(text));
  const [, bracketed, plain = '', digits] = match;
  const host = bracketed ?? (plain === '' || plain === 'localhost' ? '127.0.0.1' : plain);
  const port = Number(digits);
  if (port > 65_535) return refuse(text, 'has a port above 65535', listenForms);
  if (bracketed === undefined ? isIP(host) === 0 : !isIPv6(host)) {
    return refuse(text, 'has no IP address before its port', listenForms);
  }
  return accept({ host, port });
}

function listenFormsFor(text: string): string {
  if (/^\d{1,5}$/.test(text)) return `:${text} (on 127.0.0.1) or ADDRESS:${text}`;
  if (isIPv6(text)) return `[${text}]:PORT`;
  if (isIP(text) !== 0) return `${text}:PORT`;
  if (text === 'false' || text === 'none') return 'off';
  return listenForms;
}

/** ADDR, or `off`. */
export const listen: OptionType<Listen> = single('ADDR', parseListen);

/** ADDR of something to connect to: neither `off` nor port 0 makes sense there. */
export const connect: OptionType<HostPort> = single('ADDR', (text) => {
  const parsed = parseListen(text);
  if (parsed.kind === 'refused') return parsed;
  if (parsed.value === 'off' || parsed.value.port === 0) {
    return refuse(text, 'is nothing to connect to', 'ADDRESS:PORT, [IPV6]:PORT or :PORT');
  }
  return accept(parsed.value);
});

/** True for 127.0.0.0/8 and ::1: nobody but this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}
