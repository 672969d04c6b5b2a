import type { RuntimeFacts, ViewInput } from '../views/index.ts';

/** What traces are made from: one moment of the daemon, and where it stands. */
export interface TraceInput extends ViewInput {
  readonly runtime: RuntimeFacts & {
    /** How a kernel plane forwards a Service port, as its own listing says it; [] in userspace. */
    readonly kernelRules: (key: string) => readonly string[];
  };
}

/** Who asks, and how. */
export interface TraceClient {
  /** Undefined: any. */
  readonly address: string | undefined;
  readonly method: string;
  /** Field names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}
