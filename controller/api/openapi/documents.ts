import { createHash } from 'node:crypto';
import type { JsonObject } from '../patch/json.ts';
import { schemaFile } from '../../schema/schema-file.ts';
import { definitionsOf } from './definitions.ts';
import { groupVersionPath, type OpenApiResource } from './open-api-resource.ts';
import { pathsOf } from './operations.ts';
import { encodeMessage } from './protobuf.ts';
import { documentMessage } from './spec-messages.ts';

/** A document as it is sent. */
export interface OpenApiDocument<T extends string | Buffer = string> {
  readonly body: T;
  /** Strong, in quotes, as the header has it. */
  readonly etag: string;
}

/** What is served below `/openapi`. Each document is made when it is first asked for. */
export interface OpenApiDocuments {
  /** `/openapi/v2` as `application/json`. */
  v2(): OpenApiDocument;
  /** `/openapi/v2` as `application/com.github.proto-openapi.spec.v2.v1.0+protobuf`. */
  v2Protobuf(): OpenApiDocument<Buffer>;
  /** `/openapi/v3`: where the others are, with a hash each. */
  v3Index(): OpenApiDocument;
  /** `/openapi/v3/…`: one version of one group, `api/v1`, `apis/apps/v1`. */
  v3(path: string): OpenApiDocument | undefined;
}

const info = { title: 'Kubernetes', version: `v${schemaFile.kubernetesVersion}.0` };

/** The documents about what a server serves; for as long as that is the same. */
export function openApiDocuments(resources: readonly OpenApiResource[]): OpenApiDocuments {
  const byPath = Map.groupBy(resources, ({ apiVersion }) => groupVersionPath(apiVersion));
  const v2 = once(() => v2Document(resources));
  const documents = new Map(
    [...byPath].map(([path, served]) => [
      path,
      once(() => sealed(JSON.stringify(v3Document(served)))),
    ]),
  );
  return {
    v2: once(() => sealed(JSON.stringify(v2()))),
    v2Protobuf: once(() => sealed(encodeMessage(documentMessage, v2()))),
    v3Index: once(() => {
      const paths = [...documents].map(([path, document]) => {
        const hash = document().etag.slice(1, -1);
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
      });
      return sealed(JSON.stringify({ paths: Object.fromEntries(paths) }));
    }),
    v3: (path) => documents.get(path)?.(),
  };
}

function v2Document(resources: readonly OpenApiResource[]): JsonObject {
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(resources.flatMap((resource) => pathsOf(resource, 'v2'))),
    definitions: definitionsOf(resources, 'v2'),
  };
}

function v3Document(resources: readonly OpenApiResource[]): JsonObject {
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(resources.flatMap((resource) => pathsOf(resource, 'v3'))),
    components: { schemas: definitionsOf(resources, 'v3') },
  };
}

function sealed<T extends string | Buffer>(body: T): OpenApiDocument<T> {
  const hash = createHash('sha256').update(body).digest('hex').toUpperCase();
  return { body, etag: `"${hash}"` };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
