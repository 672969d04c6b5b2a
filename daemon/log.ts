import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export interface LogOptions {
  readonly level: string;
  readonly format: 'json' | 'pretty';
}

/** Standard error's: logs go there, so that standard output carries answers alone. */
const stderr = 2;

/**
 * The process's logger. Secrets are kept out by not passing them; the paths below are a second
 * fence for objects that are logged whole by mistake.
 */
export function createLogger({ level, format }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.data', '*.stringData', '*.privateKeyPem', 'privateKeyPem'],
  };
  if (format === 'json') return pino(options, pino.destination({ dest: stderr, sync: true }));
  // Synchronous and in this process: a worker thread would outlive a crash without its last lines.
  return pino(options, pretty({ destination: stderr, sync: true, ignore: 'pid,hostname' }));
}

/** `auto`: pretty for people at a terminal, JSON for everything else. */
export function resolveLogFormat(format: 'auto' | 'json' | 'pretty'): 'json' | 'pretty' {
  if (format !== 'auto') return format;
  return isatty(stderr) ? 'pretty' : 'json';
}
