import { readFileSync } from 'node:fs';
import { ConfigError, describeError } from '../../controller/base/index.ts';
import type { EtcdAccess } from '../../controller/store/etcd/index.ts';
import type { Configuration } from '../config/index.ts';

/**
 * What the configuration says of etcd, with the files that it names. Undefined: etcd is not used.
 * @throws ConfigError `UnusableEtcdAccess`
 */
export function etcdAccessOf(configuration: Configuration): EtcdAccess | undefined {
  const { etcdEndpoints, etcdCa, etcdCert, etcdKey, etcdUser, etcdPasswordFile } = configuration;
  if (etcdEndpoints.length === 0) return undefined;
  if ((etcdCert === undefined) !== (etcdKey === undefined)) {
    throw unusable('a certificate and its key belong together: write --etcd-cert and --etcd-key');
  }
  if ((etcdUser === undefined) !== (etcdPasswordFile === undefined)) {
    throw unusable(
      'a user and a password belong together: write --etcd-user and --etcd-password-file',
    );
  }
  const ca = readText('--etcd-ca', etcdCa);
  const cert = readText('--etcd-cert', etcdCert);
  const key = readText('--etcd-key', etcdKey);
  const password = readText('--etcd-password-file', etcdPasswordFile)?.replace(/\r?\n$/, '');
  return {
    endpoints: etcdEndpoints,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(etcdUser !== undefined && password !== undefined && { user: { name: etcdUser, password } }),
  };
}

function readText(flag: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(`${flag}: ${path} cannot be read (${describeError(cause)})`, cause);
  }
}

function unusable(message: string, cause?: unknown): ConfigError {
  return new ConfigError('UnusableEtcdAccess', message, undefined, { cause });
}
