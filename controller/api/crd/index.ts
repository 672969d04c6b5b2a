/** Custom kinds: what a CustomResourceDefinition says, and what becomes of its objects. */
export { checkDefinition } from './check-definition.ts';
export { type CustomAdmission, type CustomKind, customKind } from './custom-kind.ts';
export {
  type CustomVersion,
  type Definition,
  type PrinterColumn,
  readDefinition,
} from './definition.ts';
export { definitionStatus, isEstablished, type TakenNames } from './definition-status.ts';
