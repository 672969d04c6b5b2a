import { type AnnotationTable, access, acts, refused, row, warned } from '../annotation.ts';
import { boolean, text } from '../grammar.ts';

/** Raw nginx configuration, and what runs inside nginx alone. */
export interface SnippetValues {
  'configuration-snippet': string;
  'server-snippet': string;
  'auth-snippet': string;
  'modsecurity-snippet': string;
  'stream-snippet': string;
  'enable-modsecurity': boolean;
  'enable-owasp-core-rules': boolean;
  'modsecurity-transaction-id': string;
}

const translated = acts(
  'the lines listed in docs/ingress-nginx.md, if all of it is such lines; else nothing of it, and text that controls access closes the routes',
);
const waf = warned('a web application firewall in front, such as Coraza');

/** Snippets and ModSecurity. */
export const snippets: AnnotationTable<SnippetValues> = {
  'configuration-snippet': row(text, '', 'path', 'Critical', 3, translated),
  'server-snippet': row(text, '', 'host', 'Critical', 3, translated),
  'auth-snippet': row(text, '', 'path', 'Critical', 3, refused('auth-proxy-set-headers'), access),
  'modsecurity-snippet': row(
    text,
    '',
    'path',
    'Critical',
    3,
    refused('a web application firewall in front, such as Coraza'),
    access,
  ),
  'stream-snippet': row(
    text,
    '',
    'ingress',
    'Critical',
    3,
    warned('a Service of type LoadBalancer'),
  ),
  'enable-modsecurity': row(boolean, 'false', 'path', 'Low', 3, waf),
  'enable-owasp-core-rules': row(boolean, 'false', 'path', 'Low', 3, waf),
  'modsecurity-transaction-id': row(text, '', 'path', 'High', 3, waf),
};
