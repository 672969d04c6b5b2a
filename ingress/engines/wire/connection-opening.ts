import { HandleStream } from '../../../proxy/planes/userspace/tcp/handle-stream.ts';
import type { TcpHandle } from '../../../proxy/planes/userspace/tcp/node-binding.ts';
import { SlabPool } from '../../../proxy/planes/userspace/tcp/slab-pool.ts';
import { readClientHello } from '../../tls/index.ts';
import {
  readProxyHeader,
  type TlsBeginning,
  type TlsStreamContext,
} from '../../transport/index.ts';
import { FirstBytes, type FirstBytesVerdict } from './first-bytes.ts';
import type { TlsListenOptions } from './tls-listener.ts';

/** Slabs for passed-through connections that are being slowed at a moment. */
const keptSlabs = 8;

/** What has been found out about a connection. */
interface Opening {
  source: string | undefined;
  /** Where TLS begins; negative while the PROXY header is awaited. */
  start: number;
}

/**
 * Reads a PROXY header if there has to be one, and the name that the client asks for if some names
 * are special. Then TLS begins here (`begin`), or the connection is passed through as it is.
 */
export function openConnection(
  client: TcpHandle,
  options: TlsListenOptions,
  streams: TlsStreamContext,
  begin: (beginning: TlsBeginning, serverName: string | undefined) => void,
  open: Set<FirstBytes>,
): void {
  const { context, certificates } = options;
  const opening: Opening = { source: undefined, start: context.proxyProtocol ? -1 : 0 };
  const refuse = (): FirstBytesVerdict => {
    client.close();
    return 'done';
  };
  if (context.proxyProtocol && !context.identifier.trusts(peerOf(client))) {
    context.metrics.proxyHeadersRefused.inc();
    refuse();
    return;
  }
  const look = (bytes: Buffer): FirstBytesVerdict => {
    if (opening.start < 0) {
      const header = readProxyHeader(bytes);
      if (header.kind === 'incomplete') return 'more';
      if (header.kind === 'invalid') {
        context.metrics.proxyHeadersRefused.inc();
        return refuse();
      }
      opening.source = header.source;
      opening.start = header.length;
    }
    const { source, start } = opening;
    const rest = bytes.subarray(start);
    const usual = { bytes: rest, source, askingContext: undefined };
    if (!certificates.hasSpecialNames) {
      begin(usual, undefined);
      return 'done';
    }
    const hello = readClientHello(rest);
    if (hello.kind === 'incomplete') return 'more';
    // What is no TLS is for TLS to refuse, with an alert.
    const treatment =
      hello.kind === 'hello'
        ? certificates.treatmentOf(hello.serverName)
        : { kind: 'usual' as const };
    switch (treatment.kind) {
      case 'usual':
        begin(usual, undefined);
        break;
      case 'ask-client': {
        const askingContext = treatment.context.context as object;
        begin({ ...usual, askingContext }, hello.kind === 'hello' ? hello.serverName : undefined);
        break;
      }
      case 'passthrough':
        options.onPassthrough(passedStream(client, streams), treatment.pool, {
          first: rest,
          clientIP: source ?? peerOf(client),
        });
    }
    return 'done';
  };
  // Lives by what its handle tells it.
  void new FirstBytes(client, {
    binding: streams.binding.tcp,
    wheel: context.wheel,
    readBuffer: streams.readBuffer,
    withinMs: context.proxyProtocol ? context.timeouts.proxyHeaderMs : context.timeouts.handshakeMs,
    look,
    failed: () => context.metrics.handshakeFailures.inc(),
    open,
  });
}

function peerOf(handle: TcpHandle): string {
  const out: { address?: string } = {};
  return handle.getpeername(out) === 0 ? (out.address ?? '') : '';
}

function passedStream(handle: TcpHandle, { binding, readBuffer }: TlsStreamContext): HandleStream {
  const slabs = new SlabPool(readBuffer.length, keptSlabs);
  return new HandleStream({ binding: binding.tcp, readBuffer, slabs }, handle);
}
