/** One kind of load; wrk makes it. */
export interface Case {
  /** As the command line has it. */
  readonly id: string;
  readonly name: string;
  readonly unit: 'requests/s' | 'connections/s' | 'MiB/s';
  readonly path: string;
  readonly connections: number;
  readonly headers: readonly string[];
  /** Least ratio to HAProxy that Portolan wants to keep. */
  readonly bar: number;
}

/** The body that `bulk` fetches: long enough that connecting no longer shows. */
export const bodyMiB = 64;

export const cases: readonly Case[] = [
  {
    id: 'kept',
    name: 'kept connections, 3-byte answers',
    unit: 'requests/s',
    path: '/short',
    connections: 64,
    headers: [],
    bar: 1,
  },
  {
    id: 'new',
    name: 'a new connection each',
    unit: 'connections/s',
    path: '/short',
    connections: 64,
    headers: ['Connection: close'],
    bar: 0.4,
  },
  {
    id: 'bulk',
    name: `${bodyMiB} MiB bodies`,
    unit: 'MiB/s',
    path: '/body',
    connections: 4,
    headers: [],
    bar: 0.5,
  },
];
