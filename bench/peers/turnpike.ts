import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { busiest } from '../measure.ts';
import { freePort, launch, type Program } from '../processes.ts';
import { requestsPerMinute, type Environment, type Peer, type Running } from './peer.ts';

/** Turnpike as a user starts it, with its JSON access log and its metrics on. */
export function turnpike(program: string, name = 'turnpike'): Peer {
  return {
    name,
    kind: 'turnpike',
    scales: 'threads',
    missing: () => (existsSync(program) ? null : `there is no ${program}`),
    start: (environment) => start(program, environment),
  };
}

async function start(turnpikeJs: string, environment: Environment): Promise<Running> {
  const port = await freePort();
  const adminPort = await freePort();
  const tlsPort = environment.tls === null ? 0 : await freePort();
  const file = join(environment.directory, 'turnpike.yaml');
  if (environment.transcodes) writeFileSync(join(environment.directory, 'hello.proto'), HELLO);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config({ port, adminPort, tlsPort }, environment), null, 1));
  const program = launch([process.execPath, turnpikeJs, 'start', file], environment);
  await whenReady(program, adminPort, '/readyz');
  // The launcher may have started another Node.js to do the work.
  const pids = [busiest(program.pid)];
  if (environment.tells !== 'watched') return { port, tlsPort, pids, stop: program.stop };
  const watcher = watch(turnpikeJs, adminPort, environment);
  return {
    port,
    tlsPort,
    pids,
    async stop() {
      await watcher.stop();
      await program.stop();
    },
  };
}

/** Somebody who looks at requests as they end. Not on the core of the gateway. */
function watch(turnpikeJs: string, adminPort: number, { directory }: Environment): Program {
  const own = join(directory, 'watcher');
  mkdirSync(own);
  const admin = `http://127.0.0.1:${adminPort}`;
  return launch([process.execPath, turnpikeJs, 'tail', '--json', '--admin', admin], {
    directory: own,
    core: null,
  });
}

interface Ports {
  readonly port: number;
  readonly adminPort: number;
  readonly tlsPort: number;
}

function config({ port, adminPort, tlsPort }: Ports, environment: Environment): object {
  const { originPort, threads, routes, protocol, tls, transcodes } = environment;
  const scheme = protocol === 'grpc' ? 'grpc' : 'http';
  return {
    ...guardSections(environment),
    listeners: {
      web: { address: `127.0.0.1:${port}`, limits },
      ...(tls !== null && {
        secure: { address: `127.0.0.1:${tlsPort}`, limits, tls: { certificates: [tls] } },
      }),
    },
    services: {
      origin: {
        ...(transcodes && { grpc: { protos: ['hello.proto'] } }),
        endpoints: [`${scheme}://127.0.0.1:${originPort}`],
        connections: { perEndpoint: 256 },
      },
    },
    routes: routes === 1 ? { all: oneRoute(environment) } : manyRoutes(routes),
    admin: { address: `127.0.0.1:${adminPort}` },
    telemetry: telemetry(environment),
    runtime: { threads },
  };
}

function telemetry({ tells, directory, collectorPort }: Environment): object {
  if (tells === 'nothing') return { accessLog: 'off' };
  const accessLog = { format: 'json', to: join(directory, 'access.log') };
  if (tells !== 'traces') return { accessLog };
  const otlp = `http://127.0.0.1:${collectorPort}`;
  return { accessLog, traces: { otlp, sample: '10%', maxPerSecond: 100_000 } };
}

/** What the origin of gRPC understands. */
const HELLO = `syntax = "proto3";
package helloworld;
message HelloRequest { string name = 1; }
message HelloReply { string text = 1; }
service Greeter { rpc SayHello(HelloRequest) returns (HelloReply); }
`;

/** The origin says nothing of caching, so the configuration does; the same time as the others have. */
function oneRoute({ keeps, transcodes }: Environment): object {
  const policies = keeps === 'responses' ? { policies: { cache: { defaultTtl: '10m' } } } : {};
  const translate = transcodes ? { translate: { grpc: 'transcode' } } : {};
  return { match: { path: '/*' }, service: 'origin', ...policies, ...translate };
}

/** Looks at tokens on all routes, with everything as it is by default, and limits each caller. */
function guardSections({ guard, callers: { issuer, audience, jwks } }: Environment): object {
  if (guard === 'open') return {};
  return {
    identityProviders: { bench: { issuer, jwks, audiences: [audience] } },
    defaults: {
      policies: {
        authenticate: { with: ['bench'] },
        rateLimit: { limit: requestsPerMinute, per: '1m', by: 'identity' },
      },
    },
  };
}

/** Only what would end connections that the others keep. */
const limits = {
  requestsPerConnection: 1_000_000_000,
  bodyBytes: '10MiB',
  idleTimeout: '300s',
  connections: 20_000,
  connectionsPerClient: 20_000,
};

/** The routes that `load.lua` asks for, and one for the questions that precede the load. */
function manyRoutes(count: number): object {
  const routes: Record<string, object> = { bench: { match: { path: '/bench/*' }, service: 'origin' } };
  for (let index = 0; index < count; index += 1) {
    routes[`r${index}`] = { match: { path: `/s${index % 100}/r${index}/{id}` }, service: 'origin' };
  }
  return routes;
}
