/** nginx configurations of the comparison: the upstream, and `auth_request` in front of it. */

const COMMON = (folder: string) => `
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
daemon off;
events { worker_connections 1024; }
`;

/** A 200-byte JSON answer to everything. */
export function upstreamConfig(folder: string, port: number): string {
  const body = JSON.stringify({
    run: { info: { run_id: 'a'.repeat(32), status: 'RUNNING', pad: 'x'.repeat(120) } },
  });
  return `${COMMON(folder)}
http {
  access_log off;
  keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${body}'; } }
}`;
}

/** Asks the authentication service for every request, then forwards. */
export function authRequestConfig(
  folder: string,
  port: number,
  upstreamPort: number,
  authPort: number,
): string {
  return `${COMMON(folder)}
http {
  access_log off;
  keepalive_requests 1000000000;
  upstream mlflow { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000000; }
  upstream auth { server 127.0.0.1:${authPort}; keepalive 128; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server {
    listen 127.0.0.1:${port};
    location = /auth { internal; proxy_pass http://auth; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
    location / {
      auth_request /auth;
      auth_request_set $request_id_made $upstream_http_x_request_id;
      proxy_set_header Authorization "";
      proxy_set_header X-Request-ID $request_id_made;
      proxy_pass http://mlflow;
    }
  }
}`;
}
