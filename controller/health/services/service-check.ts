import type { ObjectRef, Problem } from '../../base/index.ts';
import { objectKey, type IntOrString, type Service } from '../../objects/index.ts';
import type { CheckSchedule } from '../check.ts';
import type { StatusRange } from '../prober.ts';
import {
  type AnnotationOption,
  annotationOptions,
  type CheckType,
  checkTypes,
  healthCheckAnnotation,
} from './annotation-options.ts';

/** The check that a Service's annotations ask for, every default filled in. */
export interface ServiceCheck {
  readonly type: CheckType;
  readonly schedule: CheckSchedule;
  /** Number, name of a Service port, or undefined: the first TCP port of each slice. */
  readonly port: IntOrString | undefined;
  readonly path: string;
  readonly host: string | undefined;
  readonly expectedStatus: readonly StatusRange[] | undefined;
  readonly verifyTls: boolean;
  readonly grpcService: string;
}

export interface ParsedServiceCheck {
  /** Undefined: none is asked for, or its type is not known. */
  readonly check: ServiceCheck | undefined;
  readonly problems: readonly Problem[];
}

const optionList: readonly AnnotationOption<unknown>[] = Object.values(annotationOptions);

/** Reads `portolan.dev/health-check…` annotations. A bad option is reported; its default holds. */
export function parseServiceCheck(service: Service): ParsedServiceCheck {
  const annotations = service.metadata.annotations ?? {};
  const present = Object.keys(annotations).filter(isHealthCheckAnnotation);
  if (present.length === 0) return { check: undefined, problems: [] };
  const problems: Problem[] = [];
  const type = parseType(service, problems);
  for (const annotation of present) {
    if (annotation === healthCheckAnnotation) continue;
    const misplaced = misplacedOption(annotation, type);
    if (misplaced) problems.push({ ...misplaced, object: refTo(service, annotation) });
  }
  if (type === undefined) return { check: undefined, problems };
  const read = <T>(option: AnnotationOption<T>): T => readOption(service, option, type, problems);
  return { check: readCheck(type, read), problems };
}

function readCheck(type: CheckType, read: <T>(option: AnnotationOption<T>) => T): ServiceCheck {
  return {
    type,
    schedule: {
      intervalMs: read(annotationOptions.interval),
      timeoutMs: read(annotationOptions.timeout),
      initialDelayMs: read(annotationOptions.initialDelay),
      successThreshold: read(annotationOptions.successThreshold),
      failureThreshold: read(annotationOptions.failureThreshold),
    },
    port: read(annotationOptions.port),
    path: read(annotationOptions.path),
    host: read(annotationOptions.host),
    expectedStatus: read(annotationOptions.expectedStatus),
    verifyTls: read(annotationOptions.verifyTls),
    grpcService: read(annotationOptions.grpcService),
  };
}

function parseType(service: Service, problems: Problem[]): CheckType | undefined {
  const text = service.metadata.annotations?.[healthCheckAnnotation];
  const type = checkTypes.find((known) => known === text);
  if (text !== undefined && type === undefined) {
    problems.push({
      severity: 'error',
      reason: 'InvalidField',
      message: `Service ${objectKey(service.metadata)}: ${quote(text)} is no type of health check; its endpoints are not checked`,
      instead: `write one of ${checkTypes.join(', ')}`,
      object: refTo(service, healthCheckAnnotation),
    });
  }
  return type;
}

function readOption<T>(
  service: Service,
  option: AnnotationOption<T>,
  type: CheckType,
  problems: Problem[],
): T {
  const text = service.metadata.annotations?.[option.annotation];
  if (text === undefined || !option.types.includes(type)) return option.fallback;
  const value = option.parse(text.trim());
  if (value !== undefined) return value;
  problems.push({
    severity: 'error',
    reason: 'InvalidField',
    message: `Service ${objectKey(service.metadata)}: ${option.annotation} is ${quote(text)}, which is not ${option.grammar}; the default is in force`,
    instead: `write ${option.grammar}`,
    object: refTo(service, option.annotation),
  });
  return option.fallback;
}

/** An option that has no effect: misspelt, or it belongs to other types of check, or to none. */
function misplacedOption(
  annotation: string,
  type: CheckType | undefined,
): Omit<Problem, 'object'> | undefined {
  const option = optionList.find((known) => known.annotation === annotation);
  const warning = { severity: 'warning', reason: 'NoEffect' } as const;
  if (!option) {
    const known = optionList.map((one) => one.annotation.slice(healthCheckAnnotation.length));
    return {
      ...warning,
      message: `${annotation} is not an option of health checks`,
      instead: `write ${healthCheckAnnotation} followed by one of ${known.join(', ')}`,
    };
  }
  if (type === undefined) {
    return {
      ...warning,
      message: `${annotation} has no effect, since no check is turned on`,
      instead: `add ${healthCheckAnnotation}: ${option.types.join(' or ')}`,
    };
  }
  if (option.types.includes(type)) return undefined;
  return {
    ...warning,
    message: `${annotation} has no effect on a check of type ${type}`,
    instead: `remove it, or set ${healthCheckAnnotation} to ${option.types.join(' or ')}`,
  };
}

function isHealthCheckAnnotation(name: string): boolean {
  return name === healthCheckAnnotation || name.startsWith(`${healthCheckAnnotation}-`);
}

function refTo(service: Service, annotation: string): ObjectRef {
  const { namespace = '', name } = service.metadata;
  return { kind: 'Service', namespace, name, field: `metadata.annotations[${annotation}]` };
}

/** On one line and of bounded length, whatever the annotation holds. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
