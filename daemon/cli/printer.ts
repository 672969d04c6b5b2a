/** The one door to standard output and error. Tests pass one that remembers. */
export interface Printer {
  /** To standard output, as it is: callers end lines themselves. */
  out(text: string): void;
  /** To standard error. */
  error(text: string): void;
}

/**
 * Writes to the streams of this process. Make one and set `process.exitCode` rather than calling
 * `process.exit`, which cuts off what a pipe has not taken yet.
 */
export function createProcessPrinter(): Printer {
  // `portolan get svc | head -1` closes the pipe early: no news for anybody.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
  };
}

/**
 * Text from objects and other machines, safe for a terminal: control characters (C0 but line
 * feed and tab, DEL, C1) could otherwise move the cursor, hide text or set the window's title.
 */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    // Valid inside JSON strings too.
    return `\\u${code}`;
  });
}
