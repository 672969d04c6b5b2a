import { isIP, isIPv6 } from 'node:net';

/** One `for` parameter: a token, or a quoted string as IPv6 and ports need it (RFC 7239 §4). */
const forParameter = /(?:^|[;,\s])for=(?:"([^"]*)"|([^;,\s"]*))/gi;

/** The addresses that a Forwarded list names with `for`, in its order. Others end the trust. */
export function forwardedHops(list: string): readonly string[] {
  return [...list.matchAll(forParameter)].map(([, quoted, token]) =>
    addressOf(quoted ?? token ?? ''),
  );
}

/** What we know of a peer and what it asked for, as one element of a Forwarded list. */
export function forwardedElement(
  peer: string,
  { scheme, host }: { readonly scheme: string; readonly host: string },
): string {
  const node = isIPv6(peer) ? `"[${peer}]"` : peer;
  // Host was found sound by the parser: what it may hold needs no escape within quotes.
  return `for=${node};host="${host}";proto=${scheme}`;
}

/** Without brackets and port; as it is if it is no address. */
function addressOf(node: string): string {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(node)?.[1];
  if (bracketed !== undefined) return bracketed;
  const [address = ''] = node.split(':');
  return isIP(address) > 0 ? address : node;
}
