import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { missingCommand, which } from '../machine.ts';
import { freePort, launch } from '../processes.ts';
import { requestsPerMinute, running, type Environment, type Peer, type Running } from './peer.ts';

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
  await whenReady(program, statusPort, '/metrics');
  return running(program, port);
}

interface Ports {
  readonly port: number;
  readonly statusPort: number;
}

// The log goes to a ring in memory that is mapped to a file: no system call a request, and the lines can be read.
// `no strict-limits`: HAProxy wants two files a connection, but the idle ones have one, and a hard limit may lie between.
const config = ({ port, statusPort }: Ports, environment: Environment): string => `
global
  nbthread ${environment.threads}
  maxconn 12000
  no strict-limits
  log ring@access format rfc3164 local0
ring access
  format timed
  maxlen 1200
  size 16777216
  backing-file ${environment.directory}/access.ring
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
  http-request set-header X-Forwarded-Proto http${guardLines(environment)}
  default_backend origin
backend origin
  http-reuse always
  server origin 127.0.0.1:${environment.originPort} pool-max-conn 256
frontend status
  bind 127.0.0.1:${statusPort}
  http-request use-service prometheus-exporter
  no log
`;

/** The checks that HAProxy's own examples make of a token, and a limit for each subject. */
function guardLines({ guard, callers: { issuer, audience, publicKey } }: Environment): string {
  if (guard === 'open') return '';
  return `
  http-request deny deny_status 401 unless { http_auth_bearer -m found }
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.sub) http_auth_bearer,jwt_payload_query('$.sub')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.aud) -m str ${audience} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(txn.alg,"${publicKey}") -m int 1 }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  stick-table type string len 64 size 100k expire 2m store http_req_rate(1m)
  http-request track-sc0 var(txn.sub)
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${requestsPerMinute} }`;
}
