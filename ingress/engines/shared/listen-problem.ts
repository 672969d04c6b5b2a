import { describeError, type Problem } from '../../../controller/base/index.ts';
import type { ListenOn } from './options.ts';

/** Says why an address cannot be listened on, and what to do. */
export function listenProblem(scheme: 'http' | 'https', on: ListenOn, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${scheme} on ${on.host}:${on.port}`;
  const flag = `--ingress-${scheme}`;
  const tell = (reason: string, what: string, instead: string): Problem => ({
    severity: 'error',
    reason,
    message: `cannot serve ${where}: ${what}; trying again`,
    instead,
  });
  switch (code) {
    case 'EADDRINUSE':
      return tell('PortInUse', 'another program has it', `${flag} ADDR with a free port`);
    case 'EADDRNOTAVAIL':
      return tell(
        'AddressNotLocal',
        'no interface has the address',
        `${flag} 127.0.0.1:${on.port}`,
      );
    case 'EACCES':
      return tell(
        'PermissionDenied',
        'not allowed',
        `${flag} with a port from 1024 on, or CAP_NET_BIND_SERVICE`,
      );
    default:
      return tell('ListenFailed', describeError(error), `${flag} with another address`);
  }
}
