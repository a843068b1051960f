/** What is measured. A scenario is an entry of this table; all share the way in which it is run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { calls } from './grpc-load.ts';
import { multiplex, multiplexWarmUp, openIdle, paced, saturate, warmUp, type Traffic } from './load.ts';
import { cpuTime, openFilesLimit, residentBytes } from './measure.ts';
import { keptPrefix } from './origin-replies.ts';
import { direct } from './peers/direct.ts';
import type { Peer, Running } from './peers/peer.ts';
import type { Bench, Column, Entrant, Scenario } from './scenario.ts';

const mebibyte = 1024 * 1024;
const sizeColumn: Column = { key: 'rssMiB', title: 'RSS MiB', digits: 1 };
const cpuColumns: readonly Column[] = [
  { key: 'cpuUs', title: 'CPU µs/req', digits: 1 },
  { key: 'userUs', title: 'user', digits: 1 },
  { key: 'systemUs', title: 'system', digits: 1 },
];
const latencyColumns: readonly Column[] = [
  { key: 'p50Ms', title: 'p50 ms', digits: 3 },
  { key: 'p99Ms', title: 'p99 ms', digits: 3 },
];

const small = { mode: 'get', path: '/small' } as const;

const alone = (peer: Peer): Entrant => ({
  name: peer.name,
  peer,
  threads: 1,
  routes: 1,
  guard: 'open',
  transport: 'plain',
  transcodes: false,
  keeps: 'nothing',
  tells: 'lines',
});

/** JavaScript has to be compiled; the others only have to open their connections. */
function warmUpMs({ effort }: Bench, { peer }: Entrant): number {
  return peer.kind === 'turnpike' || peer.kind === 'node' ? effort.warmUpMs : 200;
}

/** As much load as goes through: the shape of most scenarios. */
function saturation(name: string, about: string, traffic: Omit<Traffic, 'seconds'>): Scenario {
  return {
    name,
    about,
    columns: [
      ...cpuColumns,
      { key: 'perSecond', title: 'req/s', digits: 0 },
      ...latencyColumns,
      sizeColumn,
      { key: 'busyPercent', title: 'core %', digits: 0 },
    ],
    judgedBy: 'cpuUs',
    ratiosTo: 'peers',
    lifetime: 'scenario',
    origin: traffic.mode === 'upload' ? 'upload' : 'web',
    entrants: (peers) => peers.map(alone),
    warmUp: (running, bench, entrant) =>
      warmUp(portOf(running, traffic), { ...traffic, milliseconds: warmUpMs(bench, entrant) }, bench.load),
    async measure(running, { effort, load }) {
      const { pids } = running;
      const used = stopwatch(pids);
      const { errors, requests, p50Ms, p99Ms, seconds } = await saturate(
        portOf(running, traffic),
        { ...traffic, seconds: effort.seconds },
        load,
      );
      return { values: { ...used(requests), perSecond: requests / seconds, p50Ms, p99Ms }, errors };
    },
  };
}

function portOf({ port, tlsPort }: Running, { scheme }: Pick<Traffic, 'scheme'>): number {
  return scheme === 'https' ? tlsPort : port;
}

/** Gives, later, what the processes have used since now, for each request. */
function stopwatch(pids: readonly number[]): (requests: number) => Record<string, number> {
  const before = cpuTime(pids);
  const beganMs = performance.now();
  return (requests) => {
    const after = cpuTime(pids);
    const userUs = (after.userUs - before.userUs) / requests;
    const systemUs = (after.systemUs - before.systemUs) / requests;
    const cpuUs = userUs + systemUs;
    const busyPercent = (cpuUs * requests) / (performance.now() - beganMs) / 10;
    return { cpuUs, userUs, systemUs, busyPercent, rssMiB: residentBytes(pids) / mebibyte };
  };
}

const routes: Scenario = {
  ...saturation('routes', '10,000 routes, all of them used, against one route for the same requests', {
    mode: 'routes',
    path: '/',
  }),
  ratiosTo: ['1 route'],
  entrants: (peers) =>
    peers
      .filter(({ kind }) => kind === 'turnpike')
      .flatMap((peer) => [
        { ...alone(peer), name: '1 route' },
        { ...alone(peer), name: '10,000 routes', routes: 10_000 },
      ]),
};

/** In front of the same origin, with the same tokens: those who look at them and limit callers, and ourselves without. */
const jwt: Scenario = {
  ...saturation('jwt', '1 KiB of JSON for 1,000 callers in turn, each with an RS256 token and a limit', {
    mode: 'callers',
    path: '/small',
  }),
  ratiosTo: ['haproxy', 'turnpike, unguarded'],
  entrants: (peers) =>
    peers.flatMap((peer): Entrant[] => {
      const guarded: Entrant = { ...alone(peer), guard: 'callers' };
      if (peer.kind === 'turnpike') return [guarded, { ...alone(peer), name: `${peer.name}, unguarded` }];
      return peer.name === 'haproxy' ? [guarded] : [];
    }),
};

/** What it costs to tell of requests, and to be watched. */
const told: Scenario = {
  ...saturation('told', '`small`, by how much is told of each request; metrics are always counted', small),
  ratiosTo: ['nothing told', 'turnpike'],
  entrants: (peers) =>
    peers
      .filter(({ kind }) => kind === 'turnpike')
      .flatMap((peer) => [
        { ...alone(peer), name: 'nothing told', tells: 'nothing' },
        alone(peer),
        { ...alone(peer), name: 'and traces of 10 %', tells: 'traces' },
        { ...alone(peer), name: 'and watched by `tail`', tells: 'watched' },
      ]),
};

/** Those that have a cache: everything but the first request of each is answered from it. */
const cached = (name: string, about: string, path: string): Scenario => ({
  ...saturation(name, about, { mode: 'kept', path: keptPrefix + path }),
  entrants: (peers) =>
    peers
      .filter((peer) => peer.kind === 'turnpike' || peer.name === 'nginx' || peer.name === 'varnish')
      .map((peer) => ({ ...alone(peer), keeps: 'responses' })),
});

/** Those that speak TLS here. */
const secured = (peers: readonly Peer[]): Entrant[] =>
  peers
    .filter(({ kind, name }) => kind === 'turnpike' || name === 'nginx')
    .map((peer) => ({ ...alone(peer), transport: 'tls' }));

const https: Scenario = {
  ...saturation('https', '`small` over TLS 1.3 with HTTP/1.1', { ...small, scheme: 'https' }),
  entrants: secured,
};

const http2: Scenario = {
  ...saturation('http2', '`small` over TLS 1.3 with HTTP/2: 10 connections with 10 streams (h2load)', small),
  columns: [
    ...cpuColumns,
    { key: 'perSecond', title: 'req/s', digits: 0 },
    sizeColumn,
    { key: 'busyPercent', title: 'core %', digits: 0 },
  ],
  entrants: secured,
  warmUp: ({ tlsPort }, bench, entrant) =>
    multiplexWarmUp(tlsPort, { path: small.path, milliseconds: warmUpMs(bench, entrant) }, bench.load),
  async measure({ tlsPort, pids }, { effort, load }) {
    const used = stopwatch(pids);
    const { errors, requests, seconds } = await multiplex(
      tlsPort,
      { path: small.path, seconds: effort.seconds },
      load,
    );
    return { values: { ...used(requests), perSecond: requests / seconds }, errors };
  },
};

const requestsPerSecond = 2000;

const latency: Scenario = {
  name: 'latency',
  about: `${requestsPerSecond} req/s at a constant rate (open loop, 50 connections), from the intended time of sending; added: to the origin itself`,
  columns: [
    ...latencyColumns,
    { key: 'p999Ms', title: 'p99.9 ms', digits: 3 },
    { key: 'addedP50Ms', title: 'added p50', digits: 3 },
    { key: 'addedP99Ms', title: 'added p99', digits: 3 },
    ...cpuColumns,
    sizeColumn,
  ],
  judgedBy: 'addedP99Ms',
  ratiosTo: 'peers',
  lifetime: 'scenario',
  origin: 'web',
  entrants: (peers) => [direct, ...peers].map(alone),
  warmUp: ({ port }, bench, entrant) =>
    warmUp(port, { ...small, milliseconds: warmUpMs(bench, entrant) }, bench.load),
  async measure({ port, pids }, { effort, load }) {
    const used = stopwatch(pids);
    const pace = { ratePerSecond: requestsPerSecond, seconds: effort.seconds };
    const { errors, requests, ...latencies } = await paced(port, pace, load);
    return { values: { ...latencies, ...(pids.length > 0 && used(requests)) }, errors };
  },
};

const idle: Scenario = {
  name: 'idle',
  about: 'memory of idle keep-alive connections, after one request on each',
  columns: [
    { key: 'bytesPerConnection', title: 'bytes/conn', digits: 0 },
    { key: 'connections', title: 'connections', digits: 0 },
    { key: 'beforeMiB', title: 'RSS before', digits: 1 },
    sizeColumn,
  ],
  judgedBy: 'bytesPerConnection',
  ratiosTo: 'peers',
  lifetime: 'round',
  origin: 'web',
  entrants: (peers) => peers.map(alone),
  // What grows with the first requests, whichever they are, is not the price of a connection.
  warmUp: ({ port }, bench, entrant) =>
    warmUp(port, { ...small, milliseconds: warmUpMs(bench, entrant) }, bench.load),
  async measure({ port, pids }, { effort, load }) {
    const connections = Math.min(effort.idleConnections, openFilesLimit() - 1000);
    const before = residentBytes(pids);
    const open = await openIdle(port, connections, load);
    await sleep(300);
    const after = residentBytes(pids);
    const bytesPerConnection = (after - before) / connections;
    const values = {
      bytesPerConnection,
      connections,
      beforeMiB: before / mebibyte,
      rssMiB: after / mebibyte,
    };
    return { values, errors: await open.close() };
  },
};

const rest: Scenario = {
  name: 'rest',
  about: 'memory after the start, before any load',
  columns: [sizeColumn, { key: 'perThreadMiB', title: 'per thread', digits: 1 }],
  judgedBy: 'rssMiB',
  ratiosTo: 'peers',
  lifetime: 'round',
  origin: 'web',
  entrants: (peers) => [
    ...peers.map(alone),
    ...peers
      .filter(({ scales }) => scales === 'threads')
      .map((peer) => ({ ...alone(peer), name: `${peer.name} ×4`, threads: 4 })),
  ],
  warmUp: () => sleep(300),
  async measure({ pids }, _bench, { threads }) {
    const rssMiB = residentBytes(pids) / mebibyte;
    return { values: { rssMiB, perThreadMiB: rssMiB / threads }, errors: [] };
  },
};

const grpc: Scenario = {
  name: 'grpc',
  about:
    'unary gRPC calls with a message of 100 bytes each way, over HTTP/2 in clear on both sides (h2load, 8 × 10)',
  columns: [...cpuColumns, { key: 'perSecond', title: 'calls/s', digits: 0 }, sizeColumn],
  judgedBy: 'cpuUs',
  ratiosTo: 'peers',
  lifetime: 'scenario',
  origin: 'grpc',
  entrants: (peers) => peers.filter(({ kind, name }) => kind === 'turnpike' || name === 'nginx').map(alone),
  async warmUp({ port }, { effort, load }, entrant) {
    await calls(port, { as: messages(entrant), seconds: Math.ceil(effort.warmUpMs / 1000) }, load);
  },
  async measure({ port, pids }, { effort, load }, entrant) {
    const used = stopwatch(pids);
    const wish = { as: messages(entrant), seconds: effort.seconds };
    const { errors, requests, seconds } = await calls(port, wish, load);
    return { values: { ...used(requests), perSecond: requests / seconds }, errors };
  },
};

function messages({ transcodes }: Entrant): 'json' | 'grpc' {
  return transcodes ? 'json' : 'grpc';
}

const transcode: Scenario = {
  ...grpc,
  name: 'transcode',
  about:
    'the calls of `grpc`, made with JSON, against the same passed through; HTTP/2 in clear on both sides (h2load, 8 × 10)',
  ratiosTo: ['passed through'],
  entrants: (peers) =>
    peers
      .filter(({ kind }) => kind === 'turnpike')
      .flatMap((peer) => [
        { ...alone(peer), name: 'transcoded', transcodes: true },
        { ...alone(peer), name: 'passed through' },
      ]),
};

/** All scenarios in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  saturation('small', '1 KiB of JSON, ten request fields, 50 connections, as much as goes', small),
  saturation('64k', 'replies of 64 KiB', { mode: 'get', path: '/64k' }),
  saturation('1m', 'replies of 1 MiB', { mode: 'get', path: '/1m' }),
  saturation('upload', 'uploads of 1 MiB', { mode: 'upload', path: '/upload' }),
  cached('cache', '`small` from the cache', small.path),
  cached('cache-64k', 'replies of 64 KiB from the cache', '/64k'),
  told,
  routes,
  jwt,
  grpc,
  transcode,
  https,
  http2,
  latency,
  idle,
  rest,
];
