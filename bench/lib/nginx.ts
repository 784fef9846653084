/** nginx as the upstream, and with `auth_request` in front of it. */
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** Answered by the upstream to everything but a large file. */
const ANSWER_BYTES = 1024;

/** 1 KB of JSON at every address, but below `/large/` the sparse files of `largeFiles`. Writes the file; returns its path. */
export function upstreamConfig(folder: string, port: number, largeFiles: string): string {
  const body = JSON.stringify({ run: { info: { run_id: 'a'.repeat(32), status: 'RUNNING', note: '' } } });
  const padded = body.replace('""', `"${'x'.repeat(ANSWER_BYTES - body.length)}"`);
  return writeConfig(
    folder,
    'upstream',
    `
  sendfile on;
  server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${padded}'; }
    location ~ /large/(?<name>[a-z0-9-]+)$ { alias ${largeFiles}/$name; }
  }`,
  );
}

/** Asks the service at `authPort` about every request, and forwards what it allows. */
export function authRequestConfig(
  folder: string,
  port: number,
  upstreamPort: number,
  authPort: number,
): string {
  return writeConfig(
    folder,
    'auth-request',
    `
  upstream mlflow { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 1000000000; }
  upstream auth { server 127.0.0.1:${authPort}; keepalive 512; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server {
    listen 127.0.0.1:${port};
    location = /auth {
      internal;
      proxy_pass http://auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location / {
      auth_request /auth;
      auth_request_set $request_id_made $upstream_http_x_request_id;
      proxy_set_header Authorization "";
      proxy_set_header X-Request-ID $request_id_made;
      proxy_pass http://mlflow;
    }
  }`,
  );
}

/** `http`: what stands in the block of that name. As whoever runs it: root's nginx would become somebody who can't read our files. */
function writeConfig(folder: string, name: string, http: string): string {
  const home = mkdtempSync(join(folder, `${name}-`));
  const file = join(home, 'nginx.conf');
  writeFileSync(
    file,
    `user ${userInfo().username};
worker_processes 1;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
daemon off;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;${http}
}
`,
  );
  return file;
}

/** A file that takes no room on the disk. */
export function makeSparseFile(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}
