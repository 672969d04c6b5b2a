import type { Problem } from '../../../controller/base/index.ts';
import type { RouteTable } from '../../compile/table.ts';

/**
 * Pools that ask for what an HTTP/1.1 engine does not speak to endpoints. Most h2c servers
 * understand HTTP/1.1 as well, gRPC does not.
 */
export function protocolProblems(
  table: RouteTable | undefined,
  engine: string,
): readonly Problem[] {
  return [...(table?.pools.values() ?? [])]
    .filter(({ protocol }) => protocol === 'h2c' || protocol === 'h2')
    .map(({ namespace, service, port, protocol }) => ({
      severity: 'warning',
      reason: 'UnsupportedProtocol',
      message: `port ${port} asks for HTTP/2 (${protocol}); engine ${engine} sends it HTTP/1.1`,
      object: { kind: 'Service', namespace, name: service },
    }));
}
