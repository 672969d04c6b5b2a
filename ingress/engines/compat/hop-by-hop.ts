/** Fields that belong to one connection and never pass (RFC 9110 §7.6.1), besides those listed. */
const always: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Removing these because a sender names them in Connection would change what a message means. */
const neverNominated: ReadonlySet<string> = new Set(['host', 'content-length', 'authorization']);

/** Lower-case names that stay on this side: the fixed ones, and those that Connection lists. */
export function hopByHopNames(connection: string | undefined): ReadonlySet<string> {
  const names = new Set(always);
  for (const listed of (connection ?? '').split(',')) {
    const name = listed.trim().toLowerCase();
    if (!neverNominated.has(name)) names.add(name);
  }
  return names;
}
