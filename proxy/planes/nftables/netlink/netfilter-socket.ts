import { closeSync, openSync } from 'node:fs';
import { DataPlaneError } from '../../../../controller/base/index.ts';
import { type Answer, readAnswers } from './answers.ts';
import { AF_NETLINK, NETLINK_NETFILTER, SOCK_RAW_CLOEXEC } from './constants.ts';

/** Sends requests to the kernel's netfilter and hears its answers. */
export interface NetfilterSocket extends Disposable {
  /**
   * The kernel has dealt with the request when this returns: netlink works within the call.
   * @throws DataPlaneError `NetlinkFailed`
   */
  request(bytes: Uint8Array): readonly Answer[];
}

/** setns(2): only a network namespace will do. */
const CLONE_NEWNET = 0x4000_0000;
const MSG_DONTWAIT = 0x40;
/** One answer for each refused message; a batch has a few hundred messages at most. */
const readBufferBytes = 1 << 16;
const maxReads = 64;

type SystemCall = (...args: readonly (number | Uint8Array | null)[]) => number;

/**
 * Opens a netlink socket to netfilter, in the network namespace of the given path (default: this
 * process's own). The C library is loaded by the first call.
 * @throws DataPlaneError `NetlinkUnavailable`: no C library that we know, or not permitted
 */
export async function openNetfilterSocket(namespace?: string): Promise<NetfilterSocket> {
  const libc = await loadLibc();
  const fd = within(libc, namespace, () =>
    libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER),
  );
  if (fd < 0) throw unavailable('socket(AF_NETLINK) failed');
  const buffer = new Uint8Array(readBufferBytes);
  return {
    request(bytes) {
      // What an earlier call may have left unread is not an answer to this one.
      while (libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT) > 0);
      if (libc.sendto(fd, bytes, bytes.length, 0, null, 0) < 0) {
        throw new DataPlaneError('NetlinkFailed', 'the kernel took no netlink message', true);
      }
      const answers: Answer[] = [];
      for (let reads = 0; reads < maxReads; reads += 1) {
        const length = libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
        if (length <= 0) break;
        answers.push(...readAnswers(buffer.slice(0, length)));
      }
      return answers;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

async function loadLibc(): Promise<
  Readonly<Record<'socket' | 'sendto' | 'recv' | 'setns', SystemCall>>
> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load('libc.so.6');
    return {
      socket: library.func('int socket(int domain, int type, int protocol)'),
      sendto: library.func(
        'long sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)',
      ),
      recv: library.func('long recv(int fd, _Out_ void *data, size_t length, int flags)'),
      setns: library.func('int setns(int fd, int kind)'),
    };
  } catch (cause) {
    throw unavailable('the C library could not be loaded', cause);
  }
}

/** Does `work` with this thread in the namespace: what it opens stays there. */
function within(
  { setns }: { readonly setns: SystemCall },
  namespace: string | undefined,
  work: () => number,
): number {
  if (namespace === undefined) return work();
  const home = openSync('/proc/thread-self/ns/net', 'r');
  try {
    const there = openSync(namespace, 'r');
    try {
      if (setns(there, CLONE_NEWNET) < 0) throw unavailable(`${namespace} cannot be entered`);
    } finally {
      closeSync(there);
    }
    try {
      return work();
    } finally {
      // Were this thread to stay, the next plane would program somebody else's rules.
      if (setns(home, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
}

function unavailable(message: string, cause?: unknown): DataPlaneError {
  return new DataPlaneError(
    'NetlinkUnavailable',
    message,
    false,
    cause === undefined ? {} : { cause },
  );
}
