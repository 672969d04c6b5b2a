import {
  loadNodeTcpBinding,
  type NodeTcpBinding,
  type TcpHandle,
} from '../../proxy/planes/userspace/tcp/node-binding.ts';

/**
 * The part of Node's own TLS binding that `tls.TLSSocket` stands on. As with TCP, it is no public
 * API: this file alone reaches for it, checks its shape, and yields undefined where anything is
 * different, so that TLS falls back to `node:tls`. What it saves are two stream state machines,
 * the events and the timers of each connection.
 */
export interface NodeTlsBinding {
  readonly tcp: NodeTcpBinding;
  /** Puts TLS, of the server's side, on a connected handle. `context`: a SecureContext's own. */
  wrap(handle: TcpHandle, context: object, isServer: boolean, hasActiveWrite: boolean): TlsHandle;
}

/** Reads and writes cleartext as a TCP handle does; writes are always completed later. */
export interface TlsHandle extends TcpHandle {
  /** Ours to set: node's own methods lead from here to the handle below. */
  _parent?: TcpHandle;
  onhandshakestart: () => void;
  onhandshakedone: () => void;
  onerror: (error: Error) => void;
  /** Called with the name asked for; `certCbDone` goes on with the handshake. */
  oncertcb: (info: { readonly servername?: string }) => void;
  /** Replaces the context that the handle was wrapped with. */
  sni_context?: object;
  enableCertCb(): void;
  certCbDone(): void;
  setALPNProtocols(wireFormat: Buffer): void;
  /** False: none was agreed on. */
  getALPNNegotiatedProtocol(): string | false;
  destroySSL(): void;
  /** Takes bytes that were read from the connection before. */
  receive(bytes: Buffer): void;
  setVerifyMode(requestCert: boolean, rejectUnauthorized: boolean): void;
  /** Null: the peer's certificate is sound, or it has shown none. */
  verifyError(): (Error & { readonly code?: string }) | null | undefined;
  getPeerCertificate(abbreviated: boolean): { readonly raw?: Buffer } | undefined;
}

const methods = [
  'enableCertCb',
  'certCbDone',
  'setALPNProtocols',
  'getALPNNegotiatedProtocol',
  'destroySSL',
  'receive',
  'setVerifyMode',
  'verifyError',
  'getPeerCertificate',
  'readStart',
  'readStop',
  'useUserBuffer',
  'writeBuffer',
  'shutdown',
] as const;

/** The binding, or undefined where this Node has it not in the expected shape. */
export function loadNodeTlsBinding(): NodeTlsBinding | undefined {
  const tcp = loadNodeTcpBinding();
  const load: unknown = Reflect.get(process, 'binding');
  if (!tcp || typeof load !== 'function') return undefined;
  try {
    const tls: unknown = load.call(process, 'tls_wrap');
    if (!isObject(tls) || typeof tls['wrap'] !== 'function') return undefined;
    const { wrap, TLSWrap } = tls;
    const prototype: unknown = typeof TLSWrap === 'function' ? TLSWrap.prototype : undefined;
    const isKnown =
      isObject(prototype) && methods.every((name) => typeof prototype[name] === 'function');
    return isKnown ? { tcp, wrap: wrap as NodeTlsBinding['wrap'] } : undefined;
  } catch {
    // As with TCP: removed, or refused (`--permission`).
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
