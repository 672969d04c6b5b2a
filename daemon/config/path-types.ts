import { accept, listOf, type OptionType, type Parsed, refuse, single } from './option-type.ts';

function parsePath(text: string): Parsed<string> {
  return text === '' ? refuse(text, 'is no path', 'a file or folder') : accept(text);
}

/** A file or folder. */
export const path: OptionType<string> = single('PATH', parsePath);

/** Stand in place of a path. */
export const pathWords: ReadonlySet<string> = new Set(['-', 'in-cluster']);

/** A kubeconfig, or the service account of the Pod. */
export const kubeconfigPath: OptionType<string> = single('FILE|in-cluster', parsePath);

/** Files and folders to watch: standard input is none, since it ends and never changes. */
export const watchedPaths: OptionType<readonly string[]> = listOf('PATH', (text) =>
  text === '-'
    ? refuse(text, 'cannot be watched for changes', 'a file or folder')
    : parsePath(text),
);
