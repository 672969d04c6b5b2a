import { createSecureContext } from 'node:tls';
import { accept, type OptionType, refuse, single } from './option-type.ts';

/** Cipher suites, judged by OpenSSL itself. */
export const cipherList: OptionType<string | undefined> = single('CIPHERS', (text) => {
  try {
    createSecureContext({ ciphers: text });
    return accept(text);
  } catch {
    return refuse(text, 'is no list of ciphers', 'names as OpenSSL writes them, joined by ":"');
  }
});
