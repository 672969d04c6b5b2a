/**
 * Every error that Portolan raises on purpose. `code` is stable and meant to be compared;
 * messages are for people and may change.
 */
export class PortolanError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A place in a text file, counted from 1 as editors do. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, the form that terminals and editors make clickable. */
export function formatPosition(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/** Wrong input from the user's own files or flags: names the place and what to write instead. */
export class ConfigError extends PortolanError {
  readonly at: Position | undefined;

  constructor(code: string, message: string, at?: Position, options?: ErrorOptions) {
    super(code, at ? `${formatPosition(at)}: ${message}` : message, options);
    this.at = at;
  }
}

/** A message from the network that breaks its protocol. */
export class WireError extends PortolanError {}

/** A plane could not make the node match a table. `retryable`: the same call may succeed later. */
export class DataPlaneError extends PortolanError {
  readonly retryable: boolean;

  constructor(code: string, message: string, retryable: boolean, options?: ErrorOptions) {
    super(code, message, options);
    this.retryable = retryable;
  }
}

/** The message of anything thrown, with that of its causes, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || error.name;
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`;
}
