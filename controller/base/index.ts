/** What every room stands on: errors, time, chance, logs, metrics, problems. Imports nothing. */
export * from './age.ts';
export * from './clock.ts';
export * from './der.ts';
export * from './duration.ts';
export * from './errors.ts';
export * from './json-lines.ts';
export * from './log.ts';
export * from './meter.ts';
export * from './persistent-map.ts';
export * from './plane.ts';
export * from './problem.ts';
export * from './random.ts';
export * from './sleep.ts';
