import type { Credential } from './certificate.ts';

/** How a user of a kubeconfig proves who it is. */
export type KubeconfigUser =
  | { readonly kind: 'certificate'; readonly name: string; readonly credential: Credential }
  | { readonly kind: 'token'; readonly name: string; readonly token: string };

/**
 * A kubeconfig with one cluster, `portolan`, and one user, whole in one file. JSON is YAML, and
 * needs no thought about quoting.
 */
export function kubeconfigText(server: string, authority: string, user: KubeconfigUser): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const proof =
    user.kind === 'token'
      ? { token: user.token }
      : {
          'client-certificate-data': base64(user.credential.certificate),
          'client-key-data': base64(user.credential.privateKey),
        };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'portolan', cluster: { server, 'certificate-authority-data': base64(authority) } },
    ],
    users: [{ name: user.name, user: proof }],
    contexts: [{ name: 'portolan', context: { cluster: 'portolan', user: user.name } }],
    'current-context': 'portolan',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
