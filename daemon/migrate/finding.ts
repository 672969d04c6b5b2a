/** What became of one directive of another program's configuration. */
export interface Finding {
  /** The file as the user named it, and the line, from 1. */
  readonly file: string;
  readonly line: number;
  /** As written, shortened. */
  readonly directive: string;
  /**
   * `differs`: it has an equal that does not behave alike in everything. `unsupported`: it has
   * none. `ignored`: it has no meaning here, and nothing is lost.
   */
  readonly verdict: 'differs' | 'unsupported' | 'ignored';
  /** What the difference is, or what to do instead. */
  readonly text: string;
}
