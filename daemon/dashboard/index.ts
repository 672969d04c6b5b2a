import { readFileSync } from 'node:fs';

/** Where the page's own files are. */
export const dashboardPath = '/dashboard/';

const contentTypes: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Modules of the page; a browser runs them as they are. */
const modules: readonly string[] = [
  'app.js',
  'changes.js',
  'charts.js',
  'dns.js',
  'dom.js',
  'live.js',
  'numbers.js',
  'overview.js',
  'planes.js',
  'resource-list.js',
  'trace.js',
  'virtual-ips.js',
];

interface DashboardFile {
  readonly status: 200;
  readonly contentType: string;
  readonly body: string;
}

const read = new Map<string, DashboardFile>();

/** One file of the page, read once; undefined: the page has none of that name. */
export function dashboardFile(name: string): DashboardFile | undefined {
  const known = read.get(name);
  if (known) return known;
  const contentType = modules.includes(name)
    ? 'text/javascript; charset=utf-8'
    : contentTypes[name];
  if (contentType === undefined) return undefined;
  const body = readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8');
  const file = { status: 200, contentType, body } as const;
  read.set(name, file);
  return file;
}
