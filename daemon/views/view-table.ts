/** One column of a view. */
export interface ViewColumn {
  /** Upper case, as kubectl heads its columns. */
  readonly name: string;
  /** Shown only when asked for with `-o wide`. */
  readonly wide?: true;
}

/** A list as `portolan get` prints it. Plain data: it travels as JSON. */
export interface ViewTable {
  readonly columns: readonly ViewColumn[];
  /** One cell for each column, wide ones included. Text of the user's, not made safe to print. */
  readonly rows: readonly (readonly string[])[];
  /** What `-o json` and `-o yaml` print: there only when asked for. Never contents of Secrets. */
  readonly objects?: readonly object[];
}

/** What kubectl writes for nothing. */
export const none = '<none>';

/** Joins with commas, as kubectl does; `<none>` for an empty list. */
export function listText(items: readonly string[]): string {
  return items.length === 0 ? none : items.join(',');
}

/** `a=b,c=d` in order of keys; `<none>` when empty. */
export function pairsText(pairs: Readonly<Record<string, string>> | undefined): string {
  return listText(
    Object.entries(pairs ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .toSorted(),
  );
}

/** First in views of namespaced kinds; `withoutNamespace` takes it away when one is asked for. */
export const namespaceColumn: ViewColumn = { name: 'NAMESPACE' };

/** The table without its NAMESPACE column, if it has one. */
export function withoutNamespace(table: ViewTable): ViewTable {
  if (table.columns[0] !== namespaceColumn) return table;
  return {
    ...table,
    columns: table.columns.slice(1),
    rows: table.rows.map((row) => row.slice(1)),
  };
}
