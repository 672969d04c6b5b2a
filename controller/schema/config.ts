import type { ConfigMap, Secret } from '../objects/index.ts';
import type { Issues, Path } from './issue.ts';
import { checkDataKey } from './names.ts';
import { quote } from './scalar.ts';

/** MaxSecretSize of core/v1, which ConfigMaps have too: the sum of all values, in bytes. */
const maxBytes = 1024 * 1024;

/** The keys that a Secret's type promises. */
const keysOfType: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
]);

/** Rules for Secret. Never names a value. */
export function checkSecret(secret: Secret, issues: Issues): void {
  checkKeys(secret.data, ['data'], issues);
  checkKeys(secret.stringData, ['stringData'], issues);
  checkSize(base64Bytes(secret.data) + bytesOf(secret.stringData), issues);
  const has = (key: string): boolean =>
    secret.data?.[key] !== undefined || secret.stringData?.[key] !== undefined;
  for (const key of keysOfType.get(secret.type ?? '') ?? []) {
    if (!has(key)) {
      issues.missing(['data', key], `is required for a Secret of type ${secret.type}`);
    }
  }
  if (secret.type === 'kubernetes.io/basic-auth' && !has('username') && !has('password')) {
    issues.missing(['data', 'username'], `or password is required for type ${secret.type}`);
  }
}

/** Rules for ConfigMap. */
export function checkConfigMap(config: ConfigMap, issues: Issues): void {
  checkKeys(config.data, ['data'], issues);
  checkKeys(config.binaryData, ['binaryData'], issues);
  for (const key in config.binaryData) {
    if (config.data?.[key] !== undefined) {
      issues.invalid(['binaryData', key], 'stands in data too', 'keep one of the two');
    }
  }
  checkSize(bytesOf(config.data) + base64Bytes(config.binaryData), issues);
}

function checkKeys(
  map: Readonly<Record<string, string>> | undefined,
  path: Path,
  issues: Issues,
): void {
  for (const key in map) {
    const rule = checkDataKey(key);
    if (rule !== undefined) issues.invalid([...path, key], `has a key that ${rule}: ${quote(key)}`);
  }
}

function checkSize(bytes: number, issues: Issues): void {
  if (bytes <= maxBytes) return;
  issues.invalid(
    ['data'],
    `holds ${bytes} bytes, more than ${maxBytes}`,
    'split it in two objects',
  );
}

function bytesOf(map: Readonly<Record<string, string>> = {}): number {
  return Object.values(map).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
}

function base64Bytes(map: Readonly<Record<string, string>> = {}): number {
  return Object.values(map).reduce((sum, value) => sum + Math.floor((value.length * 3) / 4), 0);
}
