import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The manual and what stands beside it, as paths from the root. */
export function pages(): readonly string[] {
  return ['README.md', ...globSync('docs/**/*.md', { cwd: root })].toSorted();
}

export function readPage(page: string): string {
  return readFileSync(`${root}/${page}`, 'utf8');
}

/** Every fenced block of the manual. */
export function blocks(): readonly Block[] {
  return pages().flatMap((page) => {
    const found: Block[] = [];
    let open: { line: number; language: string; indent: number; lines: string[] } | undefined;
    for (const [index, line] of readPage(page).split('\n').entries()) {
      const fence = /^(?<indent>\s*)```(?<language>\w*)\s*$/.exec(line)?.groups;
      if (fence && !open) {
        const { indent = '', language = '' } = fence;
        open = { line: index + 1, language, indent: indent.length, lines: [] };
      } else if (fence && open) {
        const { line: at, language, lines } = open;
        found.push({ page, line: at, language, text: lines.join('\n') });
        open = undefined;
      } else open?.lines.push(line.slice(open.indent));
    }
    return found;
  });
}

/** A line that a reader types. */
export interface TypedCommand {
  /** `docs/dns.md:12`. */
  readonly at: string;
  /** Without the prompt and without a comment behind it. */
  readonly text: string;
}

/** Every line behind a `$ ` prompt. */
export function typedCommands(): readonly TypedCommand[] {
  return blocks()
    .filter(({ language }) => language === 'console')
    .flatMap(({ page, line, text }) =>
      text.split('\n').flatMap((one, index) => {
        if (!one.startsWith('$ ')) return [];
        const command = one.slice(2).replace(/\s+#\s.*$/, '');
        return [{ at: `${page}:${line + index + 1}`, text: command }];
      }),
    );
}
