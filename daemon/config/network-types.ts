import { isIP } from 'node:net';
import { accept, listOf, type OptionType, refuse, single } from './option-type.ts';

/** Addresses of this machine. */
export const localAddresses: OptionType<readonly string[]> = listOf(
  'IP',
  (text) =>
    isIP(text) === 0
      ? refuse(text, 'is no IP address', 'an address such as 127.0.0.1, ::1 or 0.0.0.0')
      : accept(text),
  'split',
);

/** Addresses and networks, wherever they are. */
export const networks: OptionType<readonly string[]> = listOf(
  'CIDR',
  (text) => {
    const [address = '', length = '0', ...rest] = text.split('/');
    const family = isIP(address);
    const isLength = /^\d{1,3}$/.test(length) && Number(length) <= (family === 6 ? 128 : 32);
    return family > 0 && isLength && rest.length === 0
      ? accept(text)
      : refuse(text, 'is no network', 'an address, or a network such as 10.0.0.0/8 or fd00::/8');
  },
  'split',
);

/** A network interface, or the beginning of its name: up to 15 characters (IFNAMSIZ less one). */
export const interfaceName: OptionType<string> = single('NAME', (text) =>
  /^[A-Za-z0-9_][\w.-]{0,14}$/.test(text)
    ? accept(text)
    : refuse(text, 'is no name of an interface', 'up to 15 letters, digits, ".", "_" and "-"'),
);
