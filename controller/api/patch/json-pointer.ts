import { PatchError } from './patch-error.ts';

/** `~1` is `/`, `~0` is `~`, and `~` stands for nothing else (RFC 6901 §3). */
const wellFormed = /^(?:\/(?:[^~/]|~[01])*)*$/;

/**
 * The reference tokens of a JSON Pointer (RFC 6901); none for the whole document.
 * @throws PatchError `BadRequest`
 */
export function parsePointer(text: string): readonly string[] {
  if (!wellFormed.test(text)) {
    const why = text.startsWith('/') ? '"~" must be written "~0"' : 'it must start with "/"';
    throw new PatchError('BadRequest', `${JSON.stringify(text)} is no JSON pointer: ${why}`);
  }
  return text
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The index that a token means in a list of this length; undefined when it means none. */
export function listIndex(token: string, length: number): number | undefined {
  // No leading zeros, no sign: RFC 6901 §4.
  if (!/^(?:0|[1-9]\d{0,8})$/.test(token)) return undefined;
  const index = Number(token);
  return index < length ? index : undefined;
}
