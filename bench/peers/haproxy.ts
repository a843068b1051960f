import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { missingCommand, which } from '../machine.ts';
import { freePort, launch } from '../processes.ts';
import { running, type Environment, type Peer, type Running } from './peer.ts';

/** HAProxy as a reverse proxy: the second yardstick. */
export const haproxy: Peer = {
  name: 'haproxy',
  kind: 'native',
  scales: 'threads',
  missing: () => missingCommand('haproxy', 'haproxy'),
  start,
};

async function start(environment: Environment): Promise<Running> {
  const port = await freePort();
  const statusPort = await freePort();
  const file = join(environment.directory, 'haproxy.cfg');
  writeFileSync(file, config({ port, statusPort }, environment));
  const program = launch([which('haproxy') ?? 'haproxy', '-db', '-f', file], environment);
  await whenReady(program, port, '/small');
  return running(program, port);
}

interface Ports {
  readonly port: number;
  readonly statusPort: number;
}

// The log goes to a ring in memory that is mapped to a file: no system call a request, and the lines can be read.
// `no strict-limits`: HAProxy wants two files a connection, but the idle ones have one, and a hard limit may lie between.
const config = ({ port, statusPort }: Ports, { directory, originPort, threads }: Environment): string => `
global
  nbthread ${threads}
  maxconn 12000
  no strict-limits
  log ring@access format rfc3164 local0
ring access
  format timed
  maxlen 1200
  size 16777216
  backing-file ${directory}/access.ring
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 300s
  timeout http-keep-alive 300s
  timeout server 60s
frontend web
  bind 127.0.0.1:${port} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  default_backend origin
backend origin
  http-reuse always
  server origin 127.0.0.1:${originPort} pool-max-conn 256
frontend status
  bind 127.0.0.1:${statusPort}
  http-request use-service prometheus-exporter
  no log
`;
