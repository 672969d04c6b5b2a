/**
 * What rooms need of a logger; pino's satisfies it. Fields first, then a sentence, as pino has it.
 * Never pass secrets: nothing below this interface can tell them from other text.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: Record<string, unknown>): Log;
}

/** Discards everything: for tests and for callers that have nowhere to write. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
