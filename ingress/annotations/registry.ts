import type { Annotation, AnnotationTable } from './annotation.ts';
import { type AccessValues, accessControl } from './tables/access.ts';
import { cors, type CorsValues } from './tables/cors.ts';
import { delivery, type DeliveryValues } from './tables/delivery.ts';
import { rewriting, type RewritingValues } from './tables/rewriting.ts';
import { sharing, type SharingValues } from './tables/sharing.ts';
import { snippets, type SnippetValues } from './tables/snippets.ts';

/** The prefix that ingress-nginx has unless its users choose another. */
export const defaultPrefix = 'nginx.ingress.kubernetes.io/';

/** The type of each annotation's value. */
export interface AnnotationValues
  extends RewritingValues,
    DeliveryValues,
    AccessValues,
    CorsValues,
    SharingValues,
    SnippetValues {}

export type AnnotationName = keyof AnnotationValues;

/** The annotations of ingress-nginx 1.15, each once; aliases are in the rows. */
export const annotations: AnnotationTable<AnnotationValues> = {
  ...rewriting,
  ...delivery,
  ...accessControl,
  ...cors,
  ...sharing,
  ...snippets,
};

/** In the order of the tables. */
export const annotationNames: readonly AnnotationName[] = typedKeys(annotations);

const byWrittenName: ReadonlyMap<string, AnnotationName> = new Map(
  annotationNames.flatMap((name) => {
    const { alias } = annotations[name];
    return alias === undefined
      ? [[name, name]]
      : [
          [name, name],
          [alias, name],
        ];
  }),
);

/** The canonical name for one that is written, without prefix; undefined: there is no such. */
export function annotationNamed(written: string): AnnotationName | undefined {
  return byWrittenName.get(written);
}

/** All that may be written, aliases included: for suggestions. */
export const writtenNames: readonly string[] = [...byWrittenName.keys()];

/** The row of an annotation, whatever the type of its value. */
export function annotationInfo(name: AnnotationName): Annotation<unknown> {
  return annotations[name];
}

/** Annotations that earlier releases of ingress-nginx had, and what took their place. */
export const removedAnnotations: readonly (readonly [start: string, instead: string])[] = [
  ['global-rate-limit', 'limit-rps, or limit-rpm'],
  ['opentracing', 'OpenTelemetry in the application'],
  ['jaeger', 'OpenTelemetry in the application'],
  ['influxdb', 'the metrics on the admin address'],
  ['secure-verify-ca-secret', 'proxy-ssl-secret'],
  ['secure-backends', 'backend-protocol: HTTPS'],
  ['grpc-backend', 'backend-protocol: GRPC'],
  ['add-base-url', 'a <base> element of the application'],
  ['session-cookie-hash', 'nothing: the hash of the cookie is not chosen any more'],
  ['configure-proxy-', 'the annotation without "configure-"'],
];

function typedKeys<T extends object>(table: T): readonly (keyof T)[] {
  // Object.keys is typed for objects that may have more keys than their type says; a literal has not.
  return Object.keys(table) as (keyof T)[];
}
