/** What a user may do: everything, or look. */
export type Role = 'admin' | 'read-only';

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Undefined: authenticated, but may do nothing. */
  readonly role: Role | undefined;
}

/** The group that Kubernetes lets do everything. */
export const adminGroup = 'system:masters';
/** The group that may look, at everything but Secrets. */
export const readerGroup = 'portolan:readers';

/** The user that a name and groups stand for. */
export function userOf(name: string, groups: readonly string[]): User {
  const role = groups.includes(adminGroup)
    ? 'admin'
    : groups.includes(readerGroup)
      ? 'read-only'
      : undefined;
  return { name, groups: [...groups, 'system:authenticated'], role };
}

/** Requests that everybody may make, also without a credential: probes and the version. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version']);

export function isOpen(path: string): boolean {
  return openPaths.has(path.replace(/\/+$/, '')) || /^\/(?:livez|readyz|healthz)\//.test(path);
}

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Reviews of oneself are posted, and change nothing. */
const selfReviews: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
]);

/**
 * Whether `user` may use `verb` on a resource. Contents of Secrets are for admins alone, and so are
 * the proxy subresources: what is behind them may do anything on a GET.
 */
export function isAllowed(user: User, verb: string, resource: string, subresource = ''): boolean {
  if (selfReviews.has(resource)) return true;
  if (user.role === 'admin') return true;
  if (user.role !== 'read-only') return false;
  return readVerbs.has(verb) && resource !== 'secrets' && subresource !== 'proxy';
}
