/** From a request's text to a value, within bounds. */
export { BodyError } from './body-error.ts';
export { type Body, readJsonBody, readYamlBody } from './read-body.ts';
