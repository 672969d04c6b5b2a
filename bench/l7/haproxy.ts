import type { Address } from '../l4/peer.ts';
import type { Certificate } from './certificate.ts';
import type { ProxyAddresses } from './nginx.ts';

/** HAProxy in HTTP mode on one thread, doing what the engines do. */
export function haproxyConfig(
  listen: ProxyAddresses,
  backend: Address,
  certificate: Certificate,
): string {
  const { http, https } = listen;
  return `global
  nbthread 1
  maxconn 4000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  timeout http-request 10s
listen l7
  bind ${http.host}:${http.port}
  bind ${https.host}:${https.port} ssl crt ${certificate.bundleFile} alpn h2,http/1.1
  http-reuse safe
  http-request set-header X-Request-ID %[uuid]
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Scheme http
  http-request set-header X-Scheme http
  server backend ${backend.host}:${backend.port}
`;
}
