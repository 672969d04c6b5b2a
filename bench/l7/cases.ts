/** One kind of load. */
export interface Case {
  readonly name: string;
  readonly unit: 'requests/s' | 'MiB/s';
  readonly scheme: 'http' | 'https';
  readonly path: string;
  readonly connections: number;
  readonly headers: readonly string[];
  /** At a time on each connection, over HTTP/2; h2load makes it. Undefined: HTTP/1.1, by wrk. */
  readonly streams?: number;
  /** A script for wrk; undefined: plain GETs. */
  readonly script?: string;
  /** Least ratio to nginx that the wire engine wants to keep. */
  readonly bar: number;
}

/** Bodies that the backend serves from files, by path. */
export const bodies: ReadonlyMap<string, number> = new Map([
  ['64k', 65_536],
  ['1m', 1_048_576],
]);

/** Has wrk send bodies of that many bytes. */
function uploadScript(bytes: number): string {
  return `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`;
}

const small = { unit: 'requests/s', path: '/short', connections: 64, headers: [] } as const;

const http2 = { ...small, scheme: 'https', connections: 32, streams: 10 } as const;

export const cases: readonly Case[] = [
  { ...small, name: 'kept connections, 3-byte answers', scheme: 'http', bar: 0.75 },
  {
    ...small,
    name: 'a new connection each',
    scheme: 'http',
    headers: ['Connection: close'],
    bar: 0.5,
  },
  { ...small, name: '64 KiB bodies', scheme: 'http', unit: 'MiB/s', path: '/64k', bar: 0.7 },
  {
    ...small,
    name: '1 MiB bodies',
    scheme: 'http',
    unit: 'MiB/s',
    path: '/1m',
    connections: 16,
    bar: 0.7,
  },
  {
    ...small,
    name: '64 KiB uploads',
    scheme: 'http',
    path: '/upload',
    script: uploadScript(65_536),
    bar: 0.7,
  },
  {
    ...small,
    name: '1 MiB uploads',
    scheme: 'http',
    path: '/upload',
    connections: 16,
    script: uploadScript(1_048_576),
    bar: 0.7,
  },
  { ...small, name: 'TLS, kept connections', scheme: 'https', bar: 0.45 },
  {
    ...small,
    name: 'TLS, 1 MiB bodies',
    scheme: 'https',
    unit: 'MiB/s',
    path: '/1m',
    connections: 16,
    bar: 0.7,
  },
  {
    ...small,
    name: 'TLS, a new connection each',
    scheme: 'https',
    headers: ['Connection: close'],
    bar: 0.7,
  },
  { ...http2, name: 'HTTP/2 over TLS, 32 connections of 10 streams', bar: 0.4 },
  {
    ...http2,
    name: 'HTTP/2 over TLS, 64 KiB bodies',
    unit: 'MiB/s',
    path: '/64k',
    bar: 0.4,
  },
];
