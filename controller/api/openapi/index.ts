/** The published schema: how its types merge, and its OpenAPI documents. */
export { metadataType, publishedType } from './published-type.ts';
