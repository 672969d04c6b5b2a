/**
 * The form of a path that routes are matched on (RFC 3986 §6.2.2): percent-encoded unreserved
 * characters decoded once, other escapes in upper case, dot segments removed. `//` stays: servers
 * differ on what it means. Undefined for a path that climbs above the root, and for a `%` that
 * begins no escape: decoded around it, it could become one.
 *
 * Only for choosing: what goes upstream is the path as it came.
 */
export function normalizePath(path: string): string | undefined {
  if (isPlain(path)) return path;
  if (/%(?![0-9a-f]{2})/i.test(path)) return undefined;
  return removeDotSegments(path.replace(/%[0-9a-f]{2}/gi, decodeUnreserved));
}

/** Each run of slashes as one. Else `//admin` would pass by the route that guards `/admin`. */
export function mergedSlashes(path: string): string {
  return path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path;
}

/** Most paths: nothing to decode, and no segment that starts with a dot. */
function isPlain(path: string): boolean {
  return !path.includes('%') && !path.includes('/.');
}

function decodeUnreserved(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
}

/** RFC 3986 §5.2.4, but climbing above the root is refused instead of ignored. */
function removeDotSegments(path: string): string | undefined {
  const segments = path.split('/');
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      // kept[0] is the empty segment before the first slash.
      if (kept.length <= 1) return undefined;
      kept.pop();
      if (isLast) kept.push('');
    } else if (segment === '.') {
      if (isLast) kept.push('');
    } else {
      kept.push(segment);
    }
  }
  return kept.join('/');
}
