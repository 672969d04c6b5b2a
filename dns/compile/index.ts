/** Objects → ZoneTable: what cluster DNS answers from. */
export * from './table.ts';
export * from './zone-compiler.ts';
