import koffi, { type LibraryHandle } from 'koffi';
import { LinkError } from './link-error.ts';

/**
 * The few calls of the C library that Node has no door to. Opened on import, so that only the
 * speaker's own thread imports this: a machine without glibc fails there, with a clear message.
 */
const library: LibraryHandle = koffi.load('libc.so.6');

type Argument = number | bigint | Uint8Array | null;
/** The C function's own result: negative for an error, which `lastErrno` names. */
type SystemCall = (...args: readonly Argument[]) => number;

function define(signature: string): SystemCall {
  const call: SystemCall = library.func(signature);
  return call;
}

export const socket: SystemCall = define('int socket(int domain, int type, int protocol)');
export const close: SystemCall = define('int close(int fd)');
export const bind: SystemCall = define('int bind(int fd, const void *address, uint32_t length)');
export const setsockopt: SystemCall = define(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
);
export const sendto: SystemCall = define(
  'long sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)',
);
export const recv: SystemCall = define('long recv(int fd, void *data, size_t length, int flags)');
export const recvmmsg: SystemCall = define(
  'int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)',
);
export const ppoll: SystemCall = define(
  'int ppoll(void *fds, size_t count, const void *timeout, const void *mask)',
);

export const eventfd: SystemCall = define('int eventfd(uint32_t initial, int flags)');

/** `errno` of the call just made on this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

/** Gives a result of 0 or more back. @throws LinkError that names the call and the errno */
export function checked(call: string, result: number): number {
  if (result < 0) throw new LinkError(call, lastErrno());
  return result;
}

/** Where bytes stand in memory, for structures that point at them. Both must stay referenced. */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes);
}
