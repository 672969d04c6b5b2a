/** Active health checks: one engine whose verdicts every plane follows. */
export { type ExecRunner, execRunner } from './probers/exec.ts';
export type { Prober, ProbeTarget, Verdict } from './prober.ts';
export { annotationOptions, healthCheckAnnotation } from './services/annotation-options.ts';
export {
  type ParsedServiceCheck,
  parseServiceCheck,
  type ServiceCheck,
} from './services/service-check.ts';
export { type HealthCheckOptions, type HealthChecks, startHealthChecks } from './start.ts';
