import { fail } from 'node:assert/strict';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a browser is; undefined, and why tests are skipped, where there is none. In CI: a failure. */
export function findBrowser():
  | { readonly path: string; readonly skip: false }
  | { readonly path: undefined; readonly skip: string } {
  const path = places.find((one) => existsSync(one));
  if (path !== undefined) return { path, skip: false };
  if (process.env['CI']) fail('chromium is not installed');
  return { path: undefined, skip: 'chromium is not installed' };
}
