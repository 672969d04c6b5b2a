import type { Secret } from '../../../controller/objects/index.ts';

/** The text under one key of a Secret; undefined if there is none, or nothing in it. */
export function decodedKey({ data }: Secret, key: string): string | undefined {
  const encoded = data?.[key];
  return encoded === undefined || encoded === ''
    ? undefined
    : Buffer.from(encoded, 'base64').toString('utf8');
}
