import type { CompatEngineOptions } from '../compat/options.ts';

/** What the wire engine needs: the same as the compat engine, with the same defaults. */
export type WireEngineOptions = CompatEngineOptions;
