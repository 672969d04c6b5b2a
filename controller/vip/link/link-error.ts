import { constants } from 'node:os';
import { PortolanError } from '../../base/index.ts';

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, value]) => [value, name]),
);

/** A system call that failed; `code` is the errno's name, as Node's own errors have it. */
export class LinkError extends PortolanError {
  readonly errno: number;

  constructor(call: string, errno: number) {
    const name = names.get(errno) ?? `errno ${errno}`;
    const denied = name === 'EPERM' || name === 'EACCES';
    super(name, `${call}: ${name}${denied ? '; it takes CAP_NET_RAW and CAP_NET_ADMIN' : ''}`);
    this.errno = errno;
  }
}
