/** HAProxy's configuration for what Portolan is asked to do: TCP, one thread, one server. */
export function haproxyConfig(listen: string, backend: string): string {
  return `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 24h
  timeout server 24h
listen l4
  bind ${listen}
  server backend ${backend}
`;
}
