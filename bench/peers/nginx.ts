import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { missingCommand, which } from '../machine.ts';
import { nginxAsOwner, nginxTemporaryFolders } from '../origin.ts';
import { descendants, freePort, launch } from '../processes.ts';
import type { Environment, Peer, Running } from './peer.ts';

/** nginx as a reverse proxy: the first yardstick. Its workers are measured, not its master, which does nothing. */
export const nginx: Peer = {
  name: 'nginx',
  kind: 'native',
  scales: 'threads',
  missing: () => missingCommand('nginx', 'nginx-light'),
  start,
};

async function start(environment: Environment): Promise<Running> {
  const [port, statusPort] = [await freePort(), await freePort()];
  const tlsPort = environment.tls === null ? 0 : await freePort();
  const { directory } = environment;
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, config({ port, statusPort, tlsPort }, environment));
  const program = launch(
    [which('nginx') ?? 'nginx', '-e', 'stderr', '-p', directory, '-c', file],
    environment,
  );
  await whenReady(program, statusPort, '/bench/status');
  return { port, tlsPort, pids: descendants(program.pid), stop: program.stop };
}

interface Ports {
  readonly port: number;
  readonly statusPort: number;
  /** 0: none. */
  readonly tlsPort: number;
}

// Buffers are larger than by default, and nothing goes through a file: with its defaults nginx would be slower here.
const config = (
  { port, statusPort, tlsPort }: Ports,
  { directory, originPort, threads, protocol, tls }: Environment,
): string => `
${nginxAsOwner()}
daemon off;
worker_processes ${threads};
pid ${directory}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log ${directory}/access.log combined buffer=64k flush=1s;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_max_body_size 10m;
  client_body_buffer_size 64k;
${nginxTemporaryFolders(directory)}
  upstream origin {
    server 127.0.0.1:${originPort};
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 60s;
  }
  server {
    listen 127.0.0.1:${port} ${protocol === 'grpc' ? 'http2 ' : ''}backlog=4096;
${
  tls === null
    ? ''
    : `    listen 127.0.0.1:${tlsPort} ssl http2 backlog=4096;
    ssl_certificate ${tls.certificate};
    ssl_certificate_key ${tls.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    http2_max_concurrent_streams 100;`
}
    location / {
${protocol === 'grpc' ? '      grpc_pass grpc://origin;' : OVER_HTTP}
    }
    location = /bench/status { stub_status; access_log off; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    location = /bench/status { stub_status; access_log off; }
  }
}
`;

const OVER_HTTP = `      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_request_buffering off;
      proxy_buffer_size 16k;
      proxy_buffers 16 32k;
      proxy_busy_buffers_size 64k;
      proxy_max_temp_file_size 0;`;
