/** Between streams and messages: deadlines, queues and writes. */
export { Composer } from './composer.ts';
export { Deadline, DeadlineWheel, type Expirable } from './deadline-wheel.ts';
export { HeldBytes } from './held-bytes.ts';
export { Output } from './output.ts';
export { ProxiedStream } from './proxied-stream.ts';
export { readProxyHeader } from './proxy-header.ts';
export { loadNodeTlsBinding, type NodeTlsBinding } from './tls-binding.ts';
export {
  type HandshakeOwner,
  type TlsBeginning,
  TlsHandleStream,
  type TlsStreamContext,
} from './tls-handle-stream.ts';
export { connectTls, tlsStream } from './tls-streams.ts';
