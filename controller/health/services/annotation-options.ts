import { durationGrammar, parseDurationMs } from '../../base/index.ts';
import type { StatusRange } from '../prober.ts';
import type { IntOrString } from '../../objects/index.ts';

/** What `portolan.dev/health-check` may say. */
export const checkTypes = ['http', 'https', 'tcp', 'grpc'] as const;
export type CheckType = (typeof checkTypes)[number];

/** Names the type of check and thereby turns checking on; options append `-path` and so on. */
export const healthCheckAnnotation = 'portolan.dev/health-check';

/** One option: an annotation beside `portolan.dev/health-check`. */
export interface AnnotationOption<T> {
  readonly annotation: string;
  /** The types of check that it means something to. */
  readonly types: readonly CheckType[];
  /** For messages: follows "must be". */
  readonly grammar: string;
  /** In force when the annotation is absent or bad. */
  readonly fallback: T;
  /** Undefined: the text does not follow the grammar. */
  readonly parse: (text: string) => T | undefined;
}

const web: readonly CheckType[] = ['http', 'https'];
const minIntervalMs = 10;
/** Longer than any sane check; setTimeout itself ends at 2^31 ms. */
const maxDurationMs = 86_400_000;
const maxThreshold = 1000;

/** Every option of a Service's check; the manual's table is tested to name each. */
export const annotationOptions: {
  readonly path: AnnotationOption<string>;
  readonly port: AnnotationOption<IntOrString | undefined>;
  readonly interval: AnnotationOption<number>;
  readonly timeout: AnnotationOption<number>;
  readonly initialDelay: AnnotationOption<number>;
  readonly successThreshold: AnnotationOption<number>;
  readonly failureThreshold: AnnotationOption<number>;
  readonly expectedStatus: AnnotationOption<readonly StatusRange[] | undefined>;
  readonly host: AnnotationOption<string | undefined>;
  readonly verifyTls: AnnotationOption<boolean>;
  readonly grpcService: AnnotationOption<string>;
} = {
  path: {
    annotation: `${healthCheckAnnotation}-path`,
    types: web,
    grammar: 'a path such as /healthz, without spaces',
    fallback: '/',
    parse: (text) => (/^\/[\x21-\x7e]*$/.test(text) ? text : undefined),
  },
  port: {
    annotation: `${healthCheckAnnotation}-port`,
    types: checkTypes,
    grammar: 'a number from 1 to 65535 or the name of a Service port',
    fallback: undefined,
    parse: parsePort,
  },
  interval: {
    annotation: `${healthCheckAnnotation}-interval`,
    types: checkTypes,
    grammar: `${durationGrammar}, from ${minIntervalMs}ms to 24h`,
    fallback: 5000,
    parse: (text) => parseDurationWithin(text, minIntervalMs),
  },
  timeout: {
    annotation: `${healthCheckAnnotation}-timeout`,
    types: checkTypes,
    grammar: `${durationGrammar}, from 1ms to 24h`,
    fallback: 1000,
    parse: (text) => parseDurationWithin(text, 1),
  },
  initialDelay: {
    annotation: `${healthCheckAnnotation}-initial-delay`,
    types: checkTypes,
    grammar: `${durationGrammar}, up to 24h`,
    fallback: 0,
    parse: (text) => parseDurationWithin(text, 0),
  },
  successThreshold: threshold('success', 1),
  failureThreshold: threshold('failure', 2),
  expectedStatus: {
    annotation: `${healthCheckAnnotation}-expected-status`,
    types: web,
    grammar: 'status codes and ranges such as 200,204 or 200-299,404',
    fallback: undefined,
    parse: parseStatusRanges,
  },
  host: {
    annotation: `${healthCheckAnnotation}-host`,
    types: ['http', 'https', 'grpc'],
    grammar: 'a host name, if need be with a port, such as shop.example',
    fallback: undefined,
    parse: (text) => (/^[A-Za-z0-9._:[\]-]{1,255}$/.test(text) ? text : undefined),
  },
  verifyTls: {
    annotation: `${healthCheckAnnotation}-verify-tls`,
    types: ['https'],
    grammar: '"true" or "false"',
    fallback: false,
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  },
  grpcService: {
    annotation: `${healthCheckAnnotation}-grpc-service`,
    types: ['grpc'],
    grammar: 'a gRPC service name such as shop.v1.Cart',
    fallback: '',
    parse: (text) => (/^[\x21-\x7e]{0,1024}$/.test(text) ? text : undefined),
  },
};

function threshold(of: 'success' | 'failure', fallback: number): AnnotationOption<number> {
  return {
    annotation: `${healthCheckAnnotation}-${of}-threshold`,
    types: checkTypes,
    grammar: `a whole number from 1 to ${maxThreshold}`,
    fallback,
    parse: (text) => {
      const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
      return count >= 1 && count <= maxThreshold ? count : undefined;
    },
  };
}

function parseDurationWithin(text: string, minMs: number): number | undefined {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) return undefined;
  return durationMs >= minMs && durationMs <= maxDurationMs ? durationMs : undefined;
}

/** Port names are DNS labels: letters, digits and dashes, with at least one letter. */
function parsePort(text: string): IntOrString | undefined {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    return port >= 1 && port <= 65_535 ? port : undefined;
  }
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) ? text : undefined;
}

function parseStatusRanges(text: string): readonly StatusRange[] | undefined {
  const ranges: StatusRange[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?\s*$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (!match || to < from) return undefined;
    ranges.push({ from, to });
  }
  return ranges;
}
