/**
 * The name that hosts are matched by, from a valid Host field or SNI name: lower case, without
 * port and one trailing dot. IPv6 literals keep their brackets.
 */
export function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : portStart(host);
  const name = host.slice(0, end).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function portStart(host: string): number {
  const colon = host.indexOf(':');
  return colon < 0 ? host.length : colon;
}

/** `*.foo.com` for `bar.foo.com`: the only wildcard that can match; undefined for one label. */
export function wildcardFor(name: string): string | undefined {
  const dot = name.indexOf('.');
  // A leading dot leaves no label for the star to stand for.
  return dot <= 0 ? undefined : `*${name.slice(dot)}`;
}
