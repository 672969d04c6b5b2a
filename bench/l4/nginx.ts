/**
 * A backend that costs little: no log, an answer without a file, bodies by sendfile. One process,
 * so that ending it ends all of it.
 */
export function nginxConfig(folder: string, listen: string): string {
  return `master_process off;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 4096; multi_accept on; }
http {
  access_log off;
  keepalive_requests 1000000000;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${folder};
  proxy_temp_path ${folder};
  fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder};
  scgi_temp_path ${folder};
  server {
    listen ${listen} backlog=4096;
    location /short { return 200 "ok\\n"; }
    # Read to its end before the answer, as applications do.
    location /upload {
      client_max_body_size 0;
      client_body_buffer_size 2m;
      proxy_pass http://${listen}/short;
    }
    location / { root ${folder}/www; }
  }
}
`;
}
