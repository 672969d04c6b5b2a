import type { Address } from '../l4/peer.ts';
import type { Certificate } from './certificate.ts';
import type { ProxyAddresses } from './nginx.ts';

/** Caddy on one processor (`GOMAXPROCS=1`), doing what the engines do. */
export function caddyfile(
  listen: ProxyAddresses,
  backend: Address,
  certificate: Certificate,
): string {
  const { http, https } = listen;
  const proxy = `  reverse_proxy ${backend.host}:${backend.port} {
    header_up X-Request-ID {http.request.uuid}
    header_up X-Real-IP {http.request.remote.host}
    header_up X-Forwarded-Host {http.request.host}
    header_up X-Forwarded-Port {http.request.port}
    header_up X-Forwarded-Scheme {http.request.scheme}
    header_up X-Scheme {http.request.scheme}
    transport http {
      keepalive_idle_conns_per_host 512
    }
  }`;
  // No site names: each address serves every Host.
  return `{
  admin off
  auto_https off
  default_sni bench.test
  default_bind ${http.host}
  log {
    output discard
  }
}
http://:${http.port} {
${proxy}
}
https://:${https.port} {
  tls ${certificate.certificateFile} ${certificate.keyFile}
${proxy}
}
`;
}
