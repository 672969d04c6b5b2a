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
  /** A regular expression that the subject has to match; absent: any does. */
  readonly subject?: string;
  /** Where clients are sent that may not pass; absent: 400. */
  readonly errorPage?: string;
  /** Endpoints get the certificate itself, URL-encoded PEM. */
  readonly passes: boolean;
}

/** Lets clients pass by their certificate, and tells endpoints what it says. */
export const clientCertificate: FilterDefinition<'client-certificate'> = {
  isAccessControl: true,
  create: ({ mode, subject, errorPage, passes }) => {
    const subjectPattern = subject === undefined ? undefined : new RegExp(subject);
    return {
      request({ clientCertificate: shown, head, edits }) {
        for (const name of fields) edits.remove(name);
        // Asked under another name, or not at all: it says nothing about this host.
        if (shown?.serverName !== hostName(head.host)) {
          return { status: 421, reason: 'client-certificate-of-other-host', closes: true };
        }
        const isBelieved = shown.result === 'SUCCESS' || mode === 'unverified';
        const isEnough = isBelieved || (mode === 'optional' && shown.result === 'NONE');
        const isWanted = subjectPattern === undefined || subjectPattern.test(shown.subject);
        if (!isEnough || !isWanted) {
          const reason = 'client-certificate';
          return errorPage === undefined
            ? { status: isEnough ? 403 : 400, reason }
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
