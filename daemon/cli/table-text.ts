import type { ViewTable } from '../views/index.ts';

/** Between columns, as kubectl has it. */
const gap = 3;

/**
 * A list as kubectl prints it: upper-case heads, columns as wide as their widest cell, the last
 * one not padded. Each row is one line; line breaks inside cells are shown as `\n`.
 */
export function tableText(table: ViewTable, wide: boolean): string {
  const shown = table.columns.flatMap((column, index) => (wide || !column.wide ? [index] : []));
  const lines = [table.columns.map((column) => column.name), ...table.rows].map((row) =>
    shown.map((index) => (row[index] ?? '').replaceAll('\r', '').replaceAll('\n', '\\n')),
  );
  const widths = shown.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, (line[column] ?? '').length), 0),
  );
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => cell.padEnd((widths[column] ?? 0) + gap));
      return `${cells.join('').trimEnd()}\n`;
    })
    .join('');
}
