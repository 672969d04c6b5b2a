/** The published schema: how its types merge, and the OpenAPI documents about what is served. */
export { type OpenApiDocument, type OpenApiDocuments, openApiDocuments } from './documents.ts';
export type { OpenApiResource } from './open-api-resource.ts';
export { metadataType, publishedType } from './published-type.ts';
