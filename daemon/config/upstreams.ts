import { isIP } from 'node:net';
import { type HostPort, parseListen } from './address.ts';
import { accept, listOf, type OptionType, type Parsed, refuse } from './option-type.ts';

/** Who answers names outside the cluster. */
export type DnsUpstreams =
  /** The name servers of a file in resolv.conf(5) form, read again when it changes. */
  | { readonly kind: 'resolvConf'; readonly path: string }
  | { readonly kind: 'servers'; readonly servers: readonly HostPort[] };

const forms = 'ADDRESS, ADDRESS:PORT, [IPV6]:PORT, or the path of one file like /etc/resolv.conf';

function parseServer(text: string): Parsed<HostPort> {
  if (isIP(text) !== 0) return accept({ host: text, port: 53 });
  const parsed = parseListen(text);
  if (parsed.kind === 'value' && parsed.value !== 'off' && parsed.value.port !== 0) {
    if (!text.startsWith(':')) return accept(parsed.value);
  }
  return refuse(text, 'is no address of a name server', forms);
}

const serverList = listOf('UPSTREAM', parseServer, 'split');

/** Name servers in the order in which they are asked, or one resolv.conf file. */
export const dnsUpstreams: OptionType<DnsUpstreams> = {
  placeholder: 'UPSTREAM',
  list: true,
  parse(texts) {
    const [only, ...others] = texts;
    if (only?.startsWith('/') && others.length === 0) {
      return accept({ kind: 'resolvConf', path: only });
    }
    const parsed = serverList.parse(texts);
    return parsed.kind === 'refused' ? parsed : accept({ kind: 'servers', servers: parsed.value });
  },
};
