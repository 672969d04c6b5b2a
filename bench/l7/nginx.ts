import type { Address } from '../l4/peer.ts';
import type { Certificate } from './certificate.ts';

/** Where a proxy is to listen. */
export interface ProxyAddresses {
  readonly http: Address;
  readonly https: Address;
}

/**
 * nginx as a reverse proxy that does what the engines do for each request: kept connections to
 * the backend, the same fields added, no log. One process, so that ending it ends all of it.
 */
export function nginxProxyConfig(
  folder: string,
  listen: ProxyAddresses,
  backend: Address,
  certificate: Certificate,
): string {
  return `master_process off;
daemon off;
pid ${folder}/nginx-proxy.pid;
error_log ${folder}/nginx-proxy.log;
events { worker_connections 16384; multi_accept on; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path ${folder};
  proxy_temp_path ${folder};
  fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder};
  scgi_temp_path ${folder};
  upstream backend {
    server ${backend.host}:${backend.port};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen ${listen.http.host}:${listen.http.port} backlog=4096;
    listen ${listen.https.host}:${listen.https.port} ssl http2 backlog=4096;
    ssl_certificate ${certificate.certificateFile};
    ssl_certificate_key ${certificate.keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:10m;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      # Passed on as it comes, as the others do, and not by way of a file.
      proxy_request_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Request-ID $request_id;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Scheme $scheme;
      proxy_set_header X-Scheme $scheme;
    }
  }
}
`;
}
