/** Regular expressions that users write: matched in linear time, whatever the input. */
export { compilePattern, type Pattern, patternError } from './pattern.ts';
