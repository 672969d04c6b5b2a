/**
 * `npm run docs`: writes docs/reference/ from the same tables that the command is made of.
 * `--check` writes nothing and exits 1 when a file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dnsPluginsPage } from './dns-plugins-page.ts';
import { ingressAnnotationsPage } from './ingress-annotations-page.ts';
import { metricsPage } from './metrics-page.ts';
import { commandLinePage, configurationPage } from './reference-pages.ts';

const pages: readonly (readonly [file: string, text: string])[] = [
  ['command-line.md', commandLinePage()],
  ['configuration.md', configurationPage()],
  ['dns-plugins.md', dnsPluginsPage()],
  ['metrics.md', metricsPage()],
  ['ingress-annotations.md', ingressAnnotationsPage()],
];

const checkOnly = process.argv.includes('--check');
for (const [file, text] of pages) {
  const path = new URL(`reference/${file}`, import.meta.url);
  if (!checkOnly) {
    writeFileSync(path, text);
  } else if (readOrEmpty(path) !== text) {
    console.error(`docs/reference/${file} is stale: run npm run docs`);
    process.exitCode = 1;
  }
}

function readOrEmpty(path: URL): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
