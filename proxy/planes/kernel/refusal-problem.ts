import type { DataPlaneError, Problem } from '../../../controller/base/index.ts';
import type { ServicePort } from '../../compile/table.ts';

/** What the user should know about a Service port that the kernel did not take. */
export function refusalProblem(
  plane: string,
  key: string,
  port: ServicePort | undefined,
  error: DataPlaneError,
): Problem {
  return {
    severity: 'error',
    reason: 'RulesRefused',
    message: `${plane} refused the rules of ${key}, those from before stay in force: ${error.message}`,
    instead: 'change the Service back, or report this with the output of "portolan plan"',
    ...(port && { object: { kind: 'Service', namespace: port.namespace, name: port.name } }),
  };
}
