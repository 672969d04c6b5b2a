/** What `portolan get` and `describe` show: pure functions from one moment of the daemon to text. */
export { answerDescribe, answerView, describePath, explainPath, viewPath } from './answer.ts';
export { findResource, resourceInfo } from './resources.ts';
export type { RunningPlane, RuntimeFacts, ViewInput } from './view-input.ts';
export type { ViewColumn, ViewTable } from './view-table.ts';
