import type { ContenderName } from './contenders.ts';

/** One kind of load. */
export interface Case {
  /** As the command line has it. */
  readonly id: string;
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
  readonly contenders: readonly ContenderName[];
  /** Whose figure is held against whose. */
  readonly subject: ContenderName;
  readonly baseline: ContenderName;
  /** Least ratio of the two that the wire engine wants to keep. */
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

const small = {
  unit: 'requests/s',
  scheme: 'http',
  path: '/short',
  connections: 64,
  headers: [],
  contenders: ['nginx', 'haproxy', 'caddy', 'compat', 'wire'],
  subject: 'wire',
  baseline: 'nginx',
} as const;

const http2 = {
  ...small,
  scheme: 'https',
  connections: 32,
  streams: 10,
  contenders: ['nginx', 'haproxy', 'caddy', 'wire'],
  bar: 0.4,
} as const;

export const cases: readonly Case[] = [
  { ...small, id: 'kept', name: 'kept connections, 3-byte answers', bar: 0.75 },
  {
    ...small,
    id: 'new',
    name: 'a new connection each',
    headers: ['Connection: close'],
    bar: 0.5,
  },
  { ...small, id: 'body-64k', name: '64 KiB bodies', unit: 'MiB/s', path: '/64k', bar: 0.7 },
  {
    ...small,
    id: 'body-1m',
    name: '1 MiB bodies',
    unit: 'MiB/s',
    path: '/1m',
    connections: 16,
    bar: 0.7,
  },
  {
    ...small,
    id: 'upload-64k',
    name: '64 KiB uploads',
    path: '/upload',
    script: uploadScript(65_536),
    bar: 0.7,
  },
  {
    ...small,
    id: 'upload-1m',
    name: '1 MiB uploads',
    path: '/upload',
    connections: 16,
    script: uploadScript(1_048_576),
    bar: 0.7,
  },
  { ...small, id: 'tls', name: 'TLS, kept connections', scheme: 'https', bar: 0.45 },
  {
    ...small,
    id: 'tls-1m',
    name: 'TLS, 1 MiB bodies',
    scheme: 'https',
    unit: 'MiB/s',
    path: '/1m',
    connections: 16,
    bar: 0.7,
  },
  { ...http2, id: 'h2', name: 'HTTP/2 over TLS, 32 connections of 10 streams' },
  { ...http2, id: 'h2-64k', name: 'HTTP/2 over TLS, 64 KiB bodies', unit: 'MiB/s', path: '/64k' },
  {
    ...small,
    id: 'routes',
    name: '1 000 hosts of 20 paths, beside one route',
    contenders: ['wire', 'wire, 20 000 routes'],
    subject: 'wire, 20 000 routes',
    baseline: 'wire',
    bar: 0.95,
  },
  {
    ...small,
    id: 'filters',
    name: 'rewrite, CORS, rate limit and header fields, beside none',
    contenders: ['wire', 'wire, filters'],
    subject: 'wire, filters',
    baseline: 'wire',
    bar: 0.85,
  },
];
