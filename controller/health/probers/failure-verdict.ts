import { errors } from 'undici';
import { describeError } from '../../base/index.ts';
import type { Verdict } from '../prober.ts';

const reasons: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['EPIPE', 'connection reset'],
  ['EHOSTUNREACH', 'no route to host'],
  ['ENETUNREACH', 'network unreachable'],
  ['ETIMEDOUT', 'connection timed out'],
  ['ENOTFOUND', 'host name not found'],
  ['EAI_AGAIN', 'host name lookup failed'],
  ['UND_ERR_SOCKET', 'connection closed before an answer'],
  ['UND_ERR_HEADERS_OVERFLOW', 'answer has too large a header'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate of an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate of an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate of an unknown authority'],
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate is not for this host name'],
]);

/** This machine's own shortage, whatever the state of the target. */
const ownShortage: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** What an error met while probing says about the target. */
export function failureVerdict(error: unknown): Verdict {
  const code = errorCode(error);
  if (ownShortage.has(code)) return { kind: 'inconclusive', reason: describeError(error) };
  if (error instanceof errors.HTTPParserError) return unhealthy('answer is not HTTP');
  if (code.startsWith('ERR_SSL_')) return unhealthy(`TLS handshake failed: ${openSslReason(code)}`);
  return unhealthy(reasons.get(code) ?? describeError(error));
}

/** `ERR_SSL_WRONG_VERSION_NUMBER` → `wrong version number`; the message would name source files. */
function openSslReason(code: string): string {
  return code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ');
}

function unhealthy(reason: string): Verdict {
  return { kind: 'unhealthy', reason };
}

/** The system's or library's code, of the error itself or of what caused it. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return errorCode(error.cause);
}
