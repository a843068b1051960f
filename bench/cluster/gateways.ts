import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { which } from '../machine.ts';
import { nginxAsOwner, nginxTemporaryFolders } from '../origin.ts';
import { freePort, launch, type Program } from '../processes.ts';

/** A gateway before a cluster. */
export interface Balancing {
  readonly name: string;
  readonly isOurs: boolean;
  readonly start: (
    setting: BalancingSetting,
  ) => Promise<{ readonly port: number; readonly stop: () => Promise<void> }>;
}

/** What a gateway is started with. */
export interface BalancingSetting {
  readonly directory: string;
  /** Of the endpoints, on 127.0.0.1. */
  readonly endpoints: readonly number[];
  readonly turnpike: string;
}

/** Of each gateway. */
const THREADS = 2;

/**
 * Turnpike as it is without any setting, and with hedging on; and the best that the others have in their open versions. nginx
 * counts what is in flight in each worker for itself, unless it is told to share that in a `zone`, which few do.
 */
export const GATEWAYS: readonly Balancing[] = [
  turnpike('turnpike adaptive', {}),
  turnpike('turnpike and hedge', { hedge: { after: 'p95' } }),
  nginx('nginx least_conn', 'zone cluster 1m; least_conn;'),
  nginx('nginx, no zone', 'least_conn;'),
  nginx('nginx random two', 'zone cluster 1m; random two least_conn;'),
  haproxy('haproxy leastconn', 'leastconn'),
  haproxy('haproxy random(2)', 'random(2)'),
];

function turnpike(name: string, policies: object): Balancing {
  return { name, isOurs: true, start: (setting) => startTurnpike(policies, setting) };
}

async function startTurnpike(policies: object, { directory, endpoints, turnpike }: BalancingSetting) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const file = join(directory, 'turnpike.yaml');
  const config = {
    listeners: { web: { address: `127.0.0.1:${port}`, limits: { connectionsPerClient: 20_000 } } },
    services: {
      cluster: {
        endpoints: endpoints.map((one) => `http://127.0.0.1:${one}`),
        connections: { perEndpoint: 4096 },
      },
    },
    routes: { all: { match: { path: '/*' }, service: 'cluster', policies } },
    admin: { address: `127.0.0.1:${adminPort}` },
    telemetry: { accessLog: { to: join(directory, 'access.log') } },
    runtime: { threads: THREADS },
  };
  writeFileSync(file, JSON.stringify(config));
  const program = launch([process.execPath, turnpike, 'start', file], { directory, core: null });
  return ready(program, port, { readyPort: adminPort, path: '/readyz' });
}

function nginx(name: string, balance: string): Balancing {
  const start = async ({ directory, endpoints }: BalancingSetting) => {
    const port = await freePort();
    const file = join(directory, 'nginx.conf');
    const servers = endpoints.map((one) => `server 127.0.0.1:${one};`).join('\n');
    writeFileSync(
      file,
      `
${nginxAsOwner()}
daemon off;
worker_processes ${THREADS};
pid ${directory}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log ${directory}/access.log combined buffer=64k flush=1s;
  keepalive_requests 1000000000;
${nginxTemporaryFolders(directory)}
  upstream cluster {
    ${balance}
    ${servers}
    keepalive 1024;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096 reuseport;
    location / {
      proxy_pass http://cluster;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
    location = /bench/ready { return 200; }
  }
}
`,
    );
    const program = launch([which('nginx') ?? 'nginx', '-e', 'stderr', '-p', directory, '-c', file], {
      directory,
      core: null,
    });
    return ready(program, port, { readyPort: port, path: '/bench/ready' });
  };
  return { name, isOurs: false, start };
}

function haproxy(name: string, balance: string): Balancing {
  const start = async ({ directory, endpoints }: BalancingSetting) => {
    const port = await freePort();
    const file = join(directory, 'haproxy.cfg');
    const servers = endpoints.map((one, index) => `  server s${index} 127.0.0.1:${one}`).join('\n');
    writeFileSync(
      file,
      `
global
  nbthread ${THREADS}
  maxconn 8000
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend web
  bind 127.0.0.1:${port}
  http-request return status 200 if { path /bench/ready }
  default_backend cluster
backend cluster
  balance ${balance}
${servers}
`,
    );
    const program = launch([which('haproxy') ?? 'haproxy', '-db', '-f', file], { directory, core: null });
    return ready(program, port, { readyPort: port, path: '/bench/ready' });
  };
  return { name, isOurs: false, start };
}

async function ready(
  program: Program,
  port: number,
  { readyPort, path }: { readyPort: number; path: string },
) {
  await whenReady(program, readyPort, path);
  return { port, stop: program.stop };
}

/** A folder for one gateway. */
export function folderFor(parent: string, name: string): string {
  const directory = join(parent, name.replaceAll(/\W+/g, '-'));
  mkdirSync(directory, { recursive: true });
  return directory;
}
