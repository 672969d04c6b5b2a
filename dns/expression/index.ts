/** Conditions over a query, as `view` has them. */
export { type Condition, parseCondition } from './parse.ts';
