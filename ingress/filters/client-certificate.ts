import { compilePattern } from '../pattern/index.ts';
import { hostName } from '../router/index.ts';
import type { FilterDefinition } from './filter.ts';

/** Who may pass by the certificate that TLS asked the client for. */
export interface ClientCertificateSettings {
  /**
   * - `required`: one that the host's CA vouches for.
   * - `optional`: none, or such a one.
   * - `unverified`: anything; endpoints decide.
   */
  readonly mode: 'required' | 'optional' | 'unverified';
  /** A regular expression, in whose case the subject has to match; absent: any does. */
  readonly subject?: string;
  /** Where clients are sent whose certificate is not believed; absent: 400. */
  readonly errorPage?: string;
  /** Endpoints get the certificate itself, URL-encoded PEM. */
  readonly passes: boolean;
  /** Paths that anybody may ask for over plain http, with all below them: ACME asks there. */
  readonly open?: readonly string[];
  /** A later filter sends plain requests to https. */
  readonly redirectsPlain?: boolean;
}

/** Lets clients pass by their certificate, and tells endpoints what it says. */
export const clientCertificate: FilterDefinition<'client-certificate'> = {
  isAccessControl: true,
  create: ({ mode, subject, errorPage, passes, open = [], redirectsPlain }) => {
    const subjectPattern =
      subject === undefined ? undefined : compilePattern(subject, 'match-case');
    return {
      request({ clientCertificate: shown, client, path, head, edits }) {
        for (const name of fields) edits.remove(name);
        if (client.scheme === 'http') {
          // Over plain http nobody can show one.
          const isOpen =
            redirectsPlain || open.some((one) => path === one || path.startsWith(`${one}/`));
          return isOpen ? undefined : { status: 403, reason: 'client-certificate' };
        }
        // Asked under another name, or not at all: it says nothing about this host.
        if (shown?.serverName !== hostName(head.host)) {
          return { status: 421, reason: 'client-certificate-of-other-host', closes: true };
        }
        const isBelieved = shown.result === 'SUCCESS' || mode === 'unverified';
        const isEnough = isBelieved || (mode === 'optional' && shown.result === 'NONE');
        const isWanted = subjectPattern === undefined || subjectPattern.test(shown.subject);
        if (!isEnough || !isWanted) {
          const reason = 'client-certificate';
          if (isEnough) return { status: 403, reason };
          return errorPage === undefined
            ? { status: 400, reason }
            : { status: 302, fields: [['Location', errorPage]], reason };
        }
        edits.set('ssl-client-verify', shown.result);
        if (shown.subject !== '') edits.set('ssl-client-subject-dn', shown.subject);
        if (shown.issuer !== '') edits.set('ssl-client-issuer-dn', shown.issuer);
        if (passes && shown.pem !== '') edits.set('ssl-client-cert', encodeURIComponent(shown.pem));
        return undefined;
      },
    };
  },
};

/** Never a client's own. */
const fields = [
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
  'ssl-client-cert',
] as const;
