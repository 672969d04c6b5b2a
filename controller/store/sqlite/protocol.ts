/** A change as a row: objects are JSON texts, made and read in the main thread. */
export interface ChangeRow {
  readonly version: number;
  readonly kind: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly namespace: string;
  readonly name: string;
  readonly object: string;
  /** For watches with selectors that resume. */
  readonly previous: string | null;
}

/** All that a file holds. */
export interface StoredRows {
  readonly version: number;
  readonly objects: readonly string[];
  readonly history: readonly ChangeRow[];
}

/** To the thread. Each is answered by one `JournalAnswer`, in order. */
export type JournalRequest =
  | { readonly kind: 'open'; readonly path: string; readonly historyLimit: number }
  | { readonly kind: 'commit'; readonly rows: readonly ChangeRow[] }
  | { readonly kind: 'close' };

export type JournalAnswer =
  | { readonly kind: 'opened'; readonly stored: StoredRows }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      /** `damaged` and `foreign`: only while opening. */
      readonly cause: 'damaged' | 'foreign' | 'full' | 'failed';
      readonly message: string;
    };
