/** One part of a description. */
export type Section =
  /** `Name:  value`; further values stand below the first. None at all shows `<none>`. */
  | { readonly kind: 'field'; readonly name: string; readonly values: readonly string[] }
  /** A heading with an indented table below it; without rows, `Name:  <none>`. */
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly header: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** A section with one or several lines of text. */
export function field(name: string, ...values: readonly string[]): Section {
  return { kind: 'field', name, values };
}

/** A section with a table. */
export function table(
  name: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Section {
  return { kind: 'table', name, header, rows };
}

/** Between columns, as kubectl describe has it. */
const gap = 2;

/** The text of a description in the layout of kubectl describe, ending in a line feed. */
export function renderDescription(sections: readonly Section[]): string {
  const width = Math.max(...sections.map((one) => one.name.length + 1)) + gap;
  const lines = sections.flatMap((section) =>
    section.kind === 'table' && section.rows.length > 0
      ? [`${section.name}:`, ...renderTable([section.header, ...section.rows])]
      : renderField(section.name, section.kind === 'field' ? section.values : [], width),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function renderField(name: string, values: readonly string[], width: number): readonly string[] {
  const [first = '<none>', ...rest] = values.map(oneLine);
  return [`${name}:`.padEnd(width) + first, ...rest.map((one) => ' '.repeat(width) + one)];
}

function renderTable(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => oneLine(cell)));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  return cells.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + gap)).join('')}`,
  );
}

/** Values of several lines, such as annotations, show the first. */
function oneLine(text: string): string {
  const end = text.search(/[\r\n]/);
  return end === -1 ? text : `${text.slice(0, end)}...`;
}
