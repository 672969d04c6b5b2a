import { type AnyObject, kinds } from '../objects/index.ts';
import type { Issues, Path } from './issue.ts';
import {
  checkLabel,
  checkLabelValue,
  checkQualifiedName,
  checkSubdomain,
  type NameCheck,
} from './names.ts';
import { quote } from './scalar.ts';

/** Limit of all annotations together, in bytes (apimachinery, TotalAnnotationSizeLimitB). */
const maxAnnotationBytes = 256 * 1024;

/** Rules for `metadata`, the same for every kind. */
export function checkMetadata(object: AnyObject, issues: Issues): void {
  const { metadata } = object;
  const { namespaced } = kinds[object.kind];
  if (!metadata.name) {
    const generated = metadata.generateName !== undefined;
    issues.missing(
      ['metadata', 'name'],
      generated ? 'is required: generateName gives no lasting name' : 'is required',
    );
  } else {
    checkName(metadata.name, nameCheckOf(object), ['metadata', 'name'], issues);
  }
  if (namespaced && metadata.namespace) {
    checkName(metadata.namespace, checkLabel, ['metadata', 'namespace'], issues);
  }
  checkLabels(metadata.labels, ['metadata', 'labels'], issues);
  checkAnnotations(metadata.annotations, issues);
}

function nameCheckOf(object: AnyObject): NameCheck {
  return object.kind === 'Namespace' || object.kind === 'Service' ? checkLabel : checkSubdomain;
}

/** Reports a name that its check refuses, and the lower-case form where that would do. */
export function checkName(name: string, check: NameCheck, path: Path, issues: Issues): void {
  const rule = check(name);
  if (rule === undefined) return;
  const fixed = name.toLowerCase().replaceAll('_', '-');
  issues.invalid(path, `${rule}, not ${quote(name)}`, check(fixed) ? undefined : quote(fixed));
}

/** Labels, and selectors that have their syntax. */
export function checkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: Path,
  issues: Issues,
): void {
  for (const key in labels) {
    const value = labels[key] ?? '';
    checkName(key, checkQualifiedName, [...path, key], issues);
    checkName(value, checkLabelValue, [...path, key], issues);
  }
}

function checkAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  issues: Issues,
): void {
  let bytes = 0;
  for (const key in annotations) {
    // Prefixes of annotations may be written in any case; labels' may not.
    checkName(
      key,
      (name) => checkQualifiedName(name.toLowerCase()),
      ['metadata', 'annotations', key],
      issues,
    );
    bytes += key.length + Buffer.byteLength(annotations[key] ?? '');
  }
  if (bytes > maxAnnotationBytes) {
    issues.invalid(
      ['metadata', 'annotations'],
      `hold ${bytes} bytes, more than ${maxAnnotationBytes}`,
      'keep large values in a ConfigMap',
    );
  }
}
