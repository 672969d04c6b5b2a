import { accept, listOf, type OptionType, type Parsed, refuse, single } from './option-type.ts';

/** Client URLs of etcd's members. */
export const etcdUrls: OptionType<readonly string[]> = listOf('URL', parseUrl, 'split');

/** What all keys of one cluster begin with. */
export const etcdPrefix: OptionType<string> = single('PREFIX', (text) =>
  /^\/[\w./-]*\w$/.test(text)
    ? accept(text)
    : refuse(text, 'is no prefix of keys', '/ and letters, digits, "-", "_", "." or "/"'),
);

/** A user of etcd. */
export const etcdUser: OptionType<string> = single('NAME', (text) =>
  text === '' ? refuse(text, 'is no user', 'the name of a user of etcd') : accept(text),
);

function parseUrl(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.pathname === '/' && url.search === '' && url.username === '';
  if (isPlain && (url.protocol === 'http:' || url.protocol === 'https:')) return accept(url.origin);
  return refuse(text, 'is no URL of an etcd member', 'https://ADDRESS:2379');
}
