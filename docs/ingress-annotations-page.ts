import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnnotationName,
  annotationInfo,
  annotationNames,
} from '../ingress/annotations/registry.ts';

const root = join(import.meta.dirname, '..');

/**
 * The text of docs/reference/ingress-annotations.md: each annotation of ingress-nginx with what is
 * done with it, the test that shows it, and in what it differs. From the registry itself.
 */
export function ingressAnnotationsPage(): string {
  const tests = globSync('test/ingress/annotations/*.test.ts', { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const testOf = (name: AnnotationName): string => {
    const { alias } = annotationInfo(name);
    const spellings = [name, alias ?? name].flatMap((one) => [
      `'${one}'`,
      `${one}:`,
      `test('${one}`,
    ]);
    const shown = tests.find(({ text }) => spellings.some((one) => text.includes(one)));
    return shown ? `\`${shown.path.replace('test/ingress/annotations/', '')}\`` : '–';
  };
  const rows = annotationNames.map((name) => {
    const { alias, grammar, default: fallback, scope, risk, tier } = annotationInfo(name);
    const names = alias === undefined ? `\`${name}\`` : `\`${name}\`, \`${alias}\``;
    const value = fallback === '' ? grammar.form : `${grammar.form}; \`${fallback}\``;
    return [names, value, scope, risk, `${tier}`, handlingText(name), testOf(name)];
  });
  return [
    '# Annotations of ingress-nginx',
    '<!-- Written by docs/generate.ts: change ingress/annotations and run npm run docs. -->',
    `All ${annotationNames.length}, without their prefix \`nginx.ingress.kubernetes.io/\`; each also works as \`portolan.dev/…\`, which wins. How they are read stands in [ingress-nginx](../ingress-nginx.md). Tests are in \`test/ingress/annotations\`.`,
    table(['Annotation', 'Value; default', 'Acts on', 'Risk', 'Tier', 'Here', 'Test'], rows),
  ]
    .join('\n\n')
    .concat('\n');
}

function handlingText(name: AnnotationName): string {
  const { handling, isAccessControl } = annotationInfo(name);
  const closes = isAccessControl === true ? '; a value that cannot be read closes the routes' : '';
  switch (handling.kind) {
    case 'acts':
      return (handling.difference ?? 'same') + closes;
    case 'ignored':
      return `not needed: ${handling.why}`;
    case 'warned':
      return `warns; instead: ${handling.instead}`;
    case 'refused':
      return `routes answer 503; instead: ${handling.instead}`;
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
