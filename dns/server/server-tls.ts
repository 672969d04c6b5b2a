import { readFile } from 'node:fs/promises';
import type { SecureContextOptions, TlsOptions, TLSSocket } from 'node:tls';
import type { BlockSettings, ClientAuth } from './settings.ts';

/** What a listener over TLS is made with. */
export interface ServerTls {
  readonly context: SecureContextOptions;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** Whether a client that shook hands may ask. */
  readonly admits: (socket: TLSSocket) => boolean;
}

/** Reads the files of a `tls` line. Rejects with the system's error. */
export async function readServerTls({
  certFile,
  keyFile,
  caFile,
  clientAuth,
}: NonNullable<BlockSettings['tls']>): Promise<ServerTls> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8');
  const [cert, key, ca] = await Promise.all([
    read(certFile),
    read(keyFile),
    caFile === undefined ? undefined : read(caFile),
  ]);
  return {
    context: { cert, key, ...(ca !== undefined && { ca }) },
    requestCert: clientAuth !== 'nocert',
    // The handshake itself refuses; the other rules are judged after it.
    rejectUnauthorized: clientAuth === 'require_and_verify',
    admits: admission[clientAuth],
  };
}

/** As node's servers take them. */
export function tlsOptions({ context, requestCert, rejectUnauthorized }: ServerTls): TlsOptions {
  return { ...context, requestCert, rejectUnauthorized };
}

const hasCertificate = (socket: TLSSocket): boolean =>
  Object.keys(socket.getPeerCertificate()).length > 0;

const admission: Readonly<Record<ClientAuth, (socket: TLSSocket) => boolean>> = {
  nocert: () => true,
  request: () => true,
  require: hasCertificate,
  verify_if_given: (socket) => socket.authorized || !hasCertificate(socket),
  require_and_verify: (socket) => socket.authorized,
};
