import {
  connect,
  constants,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { GrpcTarget, Prober, Verdict } from '../prober.ts';
import { dial } from './dial.ts';
import { failureVerdict } from './failure-verdict.ts';
import { decodeHealthCheckResponse, encodeHealthCheckRequest } from './grpc-health-message.ts';

/** A response takes 7 bytes; the rest is room for fields that later versions may add. */
const maxResponseBytes = 4096;
/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const grpcNotFound = '5';
const grpcUnimplemented = '12';

/**
 * Healthy if `grpc.health.v1.Health/Check` answers SERVING, over HTTP/2 without TLS, as the
 * kubelet asks. https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export const grpcProber: Prober<GrpcTarget> = {
  async probe(target: GrpcTarget, signal: AbortSignal): Promise<Verdict> {
    try {
      const socket = await dial(target.address, target.port, undefined, signal);
      try {
        return judgeAnswer(await call(socket, target), target.service);
      } finally {
        socket.destroy();
      }
    } catch (error) {
      return failureVerdict(error);
    }
  },
};

interface Answer {
  /** `:status`, `grpc-status` and so on: headers and trailers in one. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One unary call. Rejects when the connection breaks or is not HTTP/2. */
function call(socket: Socket, target: GrpcTarget): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const authority = target.host ?? authorityOf(target);
  const session = connect(`http://${authorityOf(target)}`, { createConnection: () => socket });
  const fail = (error: Error): void => {
    reject(isProtocolError(error) ? new Error('not an HTTP/2 server') : error);
    session.destroy();
  };
  session.on('error', fail);
  session.on('goaway', (code) => {
    if (code !== constants.NGHTTP2_NO_ERROR) fail(new Error(`HTTP/2 GOAWAY with code ${code}`));
  });
  const stream = session.request(requestHeaders(authority));
  stream.on('error', fail);
  stream.on('close', () => fail(new Error('connection closed before an answer')));
  collect(
    stream,
    (answer) => {
      resolve(answer);
      session.destroy();
    },
    fail,
  );
  stream.end(encodeHealthCheckRequest(target.service));
  return promise;
}

function requestHeaders(authority: string): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    ':authority': authority,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'portolan-health',
  };
}

function collect(
  stream: ClientHttp2Stream,
  done: (answer: Answer) => void,
  fail: (error: Error) => void,
): void {
  let headers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('response', (received) => (headers = { ...received }));
  stream.on('trailers', (received) => (headers = { ...headers, ...received }));
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxResponseBytes) fail(new Error(`answer exceeds ${maxResponseBytes} bytes`));
  });
  stream.on('end', () => done({ headers, body: Buffer.concat(chunks) }));
}

function judgeAnswer({ headers, body }: Answer, service: string): Verdict {
  const httpStatus = Number(headers[':status']);
  if (httpStatus !== 200) return unhealthy(`HTTP status ${httpStatus}`);
  const grpcStatus = headers['grpc-status'];
  switch (grpcStatus) {
    case '0':
      break;
    case grpcUnimplemented:
      return unhealthy('the server does not implement grpc.health.v1.Health');
    case grpcNotFound:
      return unhealthy(`the server does not know the gRPC service "${service}"`);
    case undefined:
      return unhealthy('not a gRPC server: the answer has no grpc-status');
    default:
      return unhealthy(`gRPC status ${String(grpcStatus)}`);
  }
  const serving = decodeHealthCheckResponse(body);
  return serving === 'SERVING' ? { kind: 'healthy' } : unhealthy(`gRPC health ${serving}`);
}

function authorityOf({ address, port }: GrpcTarget): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What node:http2 raises when the other side answers in HTTP/1 or in anything else. */
function isProtocolError(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_HTTP2_ERROR';
}

function unhealthy(reason: string): Verdict {
  return { kind: 'unhealthy', reason };
}
