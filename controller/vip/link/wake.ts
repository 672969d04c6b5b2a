import { nonBlocking } from './constants.ts';
import { checked, close, eventfd } from './libc.ts';

/** A descriptor that another thread writes 8 bytes to, to end a wait: eventfd(2). */
export interface WakeDescriptor extends Disposable {
  readonly fd: number;
}

/** @throws LinkError */
export function openWakeDescriptor(): WakeDescriptor {
  const fd = checked('eventfd', eventfd(0, nonBlocking));
  return { fd, [Symbol.dispose]: () => void close(fd) };
}
