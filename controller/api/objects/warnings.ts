/** Longer texts are cut: a header is no place for a report. */
const maxWarningLength = 256;
const maxWarnings = 16;

/** `Warning: 299 - "…"` headers, which kubectl prints. */
export function warningHeaders(
  warnings: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  if (warnings.length === 0) return {};
  return { warning: warnings.slice(0, maxWarnings).map((text) => `299 - "${quoted(text)}"`) };
}

function quoted(text: string): string {
  return text
    .slice(0, maxWarningLength)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/["\\]/g, '\\$&');
}
