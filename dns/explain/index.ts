/** `portolan explain`: what became of a question, and why. */
export { explain } from './explain.ts';
export { type ExplainQuestion, parseQuestion } from './question.ts';
