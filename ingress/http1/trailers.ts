/**
 * Fields that decide how a message is framed, routed or believed: in a trailer they come after all
 * that has been decided (RFC 9110 §6.5.1), so they can only mislead whoever merges them into the
 * head.
 */
const neverInTrailers =
  /^(?:authorization|cache-control|connection|content-[a-z-]+|cookie|expect|forwarded|host|keep-alive|max-forwards|pragma|proxy-[a-z-]+|range|set-cookie|te|trailer|transfer-encoding|upgrade|via|www-authenticate|x-forwarded-[a-z-]+|x-real-ip|x-request-id|[^:]*_[^:]*)$/i;

/** The lines of a checked trailer section that may pass, in the form that each side writes. */
export function passedTrailers(section: string): string {
  let passed = '';
  for (const line of section.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    if (neverInTrailers.test(name)) continue;
    passed += `${name}: ${line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')}\r\n`;
  }
  return passed;
}
