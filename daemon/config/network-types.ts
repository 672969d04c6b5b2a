import { isIP } from 'node:net';
import { accept, listOf, type OptionType, refuse } from './option-type.ts';

/** Addresses of this machine. */
export const localAddresses: OptionType<readonly string[]> = listOf(
  'IP',
  (text) =>
    isIP(text) === 0
      ? refuse(text, 'is no IP address', 'an address such as 127.0.0.1, ::1 or 0.0.0.0')
      : accept(text),
  'split',
);
