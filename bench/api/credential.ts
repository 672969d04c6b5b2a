import { readFileSync } from 'node:fs';

/** Where an API is and how to be its admin, as a kubeconfig says. */
export interface Credential {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** Reads the kubeconfig that `portolan up` writes, which is JSON. */
export function readCredential(path: string): Credential {
  const { clusters, users } = JSON.parse(readFileSync(path, 'utf8')) as Kubeconfig;
  const cluster = clusters[0]?.cluster ?? {};
  const user = users[0]?.user ?? {};
  const decoded = (text = ''): string => Buffer.from(text, 'base64').toString();
  const url = new URL(cluster['server'] ?? '');
  return {
    host: url.hostname,
    port: Number(url.port),
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}
