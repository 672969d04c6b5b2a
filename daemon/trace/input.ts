import type { RuntimeFacts, ViewInput } from '../views/index.ts';

/** What traces are made from: one moment of the daemon, and where it stands. */
export interface TraceInput extends ViewInput {
  readonly runtime: RuntimeFacts & {
    /** How a kernel plane forwards a Service port, as its own listing says it; [] in userspace. */
    readonly kernelRules: (key: string) => readonly string[];
    /**
     * What DNS would answer and why, as text; undefined: nobody can be asked.
     * @throws ConfigError for a question that makes no sense
     */
    readonly explainName: (
      name: string,
      type: string,
      client: string | undefined,
    ) => Promise<string | undefined>;
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
