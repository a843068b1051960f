/** Starts the origins that all gateways forward to. They share a core with the load. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whenReady } from './http.ts';
import { which } from './machine.ts';
import { forwardedPath, keptPrefix, madeField, sizes, smallReply } from './origin-replies.ts';
import { converse, freePort, launch, type Placement } from './processes.ts';

/** The ports of the origins. */
export interface Origins {
  /** Answers GET; nginx where it is installed. */
  readonly web: number;
  /** Reads an upload to its end before it answers. */
  readonly upload: number;
  /** Answers gRPC calls. */
  readonly grpc: number;
}

/** Starts both, ready when this resolves. They end with the run. */
export async function startOrigins(placement: Placement): Promise<Origins> {
  const upload = await startRaw(placement);
  const web = which('nginx') === null ? upload : await startNginx(placement);
  return { web, upload, grpc: await startGrpc(placement) };
}

async function startGrpc(placement: Placement): Promise<number> {
  const port = await freePort();
  const program = fileURLToPath(new URL('programs/grpc-origin.ts', import.meta.url));
  const child = converse([process.execPath, program, String(port)], placement);
  if (child.stdout !== null) await once(child.stdout, 'data');
  process.once('exit', () => child.kill());
  return port;
}

async function startRaw(placement: Placement): Promise<number> {
  const port = await freePort();
  const program = fileURLToPath(new URL('programs/raw-origin.ts', import.meta.url));
  await whenReady(launch([process.execPath, program, String(port)], placement), port, '/small');
  return port;
}

async function startNginx({ directory, core }: Placement): Promise<number> {
  const port = await freePort();
  const files = join(directory, 'files');
  mkdirSync(files);
  for (const [path, bytes] of Object.entries(sizes))
    writeFileSync(join(files, path), Buffer.alloc(bytes, 'x'));
  const config = join(directory, 'origin.conf');
  writeFileSync(config, nginxConfig(port, directory));
  const program = launch([which('nginx') ?? 'nginx', '-e', 'stderr', '-p', directory, '-c', config], {
    directory,
    core,
  });
  await whenReady(program, port, '/small');
  return port;
}

function nginxConfig(port: number, directory: string): string {
  return `
${nginxAsOwner()}
daemon off;
worker_processes 1;
pid ${directory}/origin.pid;
events { worker_connections 16384; }
http {
  access_log off;
  sendfile on;
  open_file_cache max=10;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
${nginxTemporaryFolders(directory)}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      default_type application/json;
      add_header Cache-Control no-store;
      add_header Vary Accept-Encoding;
      return 200 '${smallReply}';
    }
    location = ${forwardedPath} {
      default_type text/plain;
      return 200 "$http_x_forwarded_for|$http_x_forwarded_proto|$http_host";
    }
    location = ${keptPrefix}/small {
      default_type application/json;
${KEEP}
      return 200 '${smallReply}';
    }
${Object.keys(sizes)
  .map(
    (path) => `    location = ${path} { root ${directory}/files; default_type application/octet-stream; }
    location = ${keptPrefix}${path} {
      alias ${directory}/files${path};
      default_type application/octet-stream;
${KEEP}
    }`,
  )
  .join('\n')}
  }
}
`;
}

/** `public`, because the requests have an Authorization (RFC 9111 §3.5). */
const KEEP = `      add_header Cache-Control "public, max-age=600";
      add_header ${madeField} $request_id;`;

/** Started by root, nginx would give its workers to `nobody`, who may not read our temporary folder. */
export function nginxAsOwner(): string {
  return process.getuid?.() === 0 ? 'user root;' : '';
}

/** Keeps what nginx writes out of /var. */
export function nginxTemporaryFolders(directory: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `  ${kind}_temp_path ${directory}/${kind};`).join('\n');
}
