/**
 * What compiling and matching cost: `node packages/gateway/src/match/route-table.bench.ts [routes…]`.
 *
 * Every lookup gets strings that were just made, a path cut out of a longer one as a parser cuts it out of a request head,
 * because V8 remembers the hash of a string and compares interned ones by address: constants would flatter the table. What
 * making the strings costs is measured alone and subtracted. Each size runs in a process of its own, so that `cold` is the time
 * of the first compilation of a process, and `warm` the best of the following ones.
 */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

import { parseAuthority } from '../core/http/host.ts';
import { normalisePath } from '../core/http/path.ts';
import { compileRoutes } from './compile-routes.ts';
import { newMatch, type MatchInput } from './match.ts';
import type { RouteSource } from './route-pattern.ts';
import { openRouteTable, type RouteTable } from './route-table.ts';

const LOOKUPS = 1_000_000;
const WORDS = ['users', 'orders', 'items', 'invoices', 'reports', 'sessions', 'teams', 'projects'];

/** Routes as companies have them: a tenth of a host each, versioned, with parameters, some prefixes. */
function routesOf(count: number): RouteSource[] {
  const routes: RouteSource[] = [];
  for (let index = 0; index < count; index++) {
    const word = WORDS[index % WORDS.length] ?? '';
    const base = `/api/v${index % 3}/service-${index >> 3}/${word}`;
    const tails = ['', '/{id}', `/{id}/${word}-details`, '/*', '/search', '/{id}/status/{key}'];
    const isForeign = index % 10 === 9;
    routes.push({
      id: `route-${index}`,
      path: base + (tails[index % tails.length] ?? ''),
      listeners: [],
      hosts: isForeign ? [`host${index % 50}.example.com`, '*.example.org'] : ['api.example.com'],
      methods: index % 2 === 0 ? ['GET', 'POST'] : [],
      headers: [],
      query: [],
      payload: `{"service":"service-${index >> 3}","policies":{"rateLimit":[{"limit":100,"per":"1m","by":"ip"}]}}`,
    });
  }
  return routes;
}

/** A path that a route matches. */
function pathFor(route: RouteSource, index: number): string {
  return route.path
    .replaceAll(/\{\w+\}/g, () => `id-${index % 977}`)
    .replace('*', `some/file-${index % 7}.txt`);
}

class Request implements MatchInput {
  listener = 'web';
  host = '';
  method = 'GET';
  path = '';
  header(): undefined {
    return undefined;
  }
  queryParam(): undefined {
    return undefined;
  }
}

type Sample = { readonly head: string; readonly start: number; readonly end: number; readonly host: string };

function samplesOf(routes: readonly RouteSource[]): Sample[] {
  return Array.from({ length: 20_000 }, (_, sample) => {
    const index = (sample * 7919) % routes.length;
    const route = routes[index];
    if (route === undefined) throw new Error('there are no routes');
    const path = pathFor(route, sample);
    const host = (route.hosts[0] ?? '').replace('*', 'tenant');
    const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`;
    return { head, start: 4, end: 4 + path.length, host };
  });
}

const input = new Request();
const out = newMatch();
const target = { path: '', query: '', hasQuery: false };
let sink = 0;

/** Best nanoseconds a call of three rounds. */
function nanoseconds(samples: readonly Sample[], work: (sample: Sample) => void): number {
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    for (let index = 0; index < LOOKUPS; index++) {
      const sample = samples[index % samples.length];
      if (sample !== undefined) work(sample);
    }
    if (round > 0) best = Math.min(best, ((performance.now() - start) * 1e6) / LOOKUPS);
  }
  return best;
}

function fresh(sample: Sample): void {
  input.path = sample.head.slice(sample.start, sample.end);
  input.host = sample.host;
  sink += input.path.length;
}

function measure(count: number): void {
  const routes = routesOf(count);
  const coldStart = performance.now();
  const first = compileRoutes(routes);
  const cold = performance.now() - coldStart;
  if (first.problems.length > 0) throw new Error(JSON.stringify(first.problems[0]));
  let { buffer } = first;
  let warm = Infinity;
  for (let round = 0; round < (count > 50_000 ? 3 : 10); round++) {
    const start = performance.now();
    ({ buffer } = compileRoutes(routes));
    warm = Math.min(warm, performance.now() - start);
  }
  const openStart = performance.now();
  const table = openRouteTable(buffer);
  const open = performance.now() - openStart;

  const samples = samplesOf(routes);
  const making = nanoseconds(samples, fresh);
  const found = nanoseconds(samples, (sample) => lookUp(table, sample));
  const hot = nanoseconds(samples.slice(0, 200), (sample) => lookUp(table, sample));
  const missing = samples.map((sample) => ({ ...sample, head: sample.head.replace('/api/', '/apo/') }));
  const notFound = nanoseconds(missing, (sample) => lookUp(table, sample));
  const normal = nanoseconds(samples, (sample) => {
    fresh(sample);
    if (normalisePath(input.path, target) !== undefined) throw new Error('refused');
    sink += target.path.length;
  });
  const authority = nanoseconds(samples, (sample) => {
    fresh(sample);
    sink += parseAuthority(sample.host)?.host.length ?? 0;
  });
  const deep = `GET /api/v1/${'a'.repeat(8000)}`;
  const adversarial = nanoseconds(
    [{ head: deep, start: 4, end: deep.length, host: 'api.example.com' }],
    (sample) => lookUp(table, sample),
  );
  const cells = [
    count,
    cold.toFixed(1),
    warm.toFixed(1),
    (buffer.byteLength / 2 ** 20).toFixed(1),
    open.toFixed(2),
    ...[found, hot, notFound, adversarial, normal, authority].map((value) => (value - making).toFixed(0)),
  ];
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(11)).join('')}\n`);
}

function lookUp(table: RouteTable, sample: Sample): void {
  fresh(sample);
  table.match(input, out);
  sink += out.route;
}

const [only, ...others] = process.argv.slice(2).map(Number);
if (only !== undefined && others.length === 0) {
  measure(only);
  if (sink === 0) process.stdout.write('nothing was done\n');
} else {
  const heads = [
    'routes',
    'cold ms',
    'warm ms',
    'MiB',
    'open ms',
    'found ns',
    'hot ns',
    '404 ns',
    '8KiB path',
    'normal ns',
    'host ns',
  ];
  process.stdout.write(`${heads.map((head) => head.padStart(11)).join('')}\n`);
  const sizes = only === undefined ? [10, 100, 1000, 10_000, 100_000] : [only, ...others];
  for (const size of sizes) {
    spawnSync(process.execPath, [import.meta.filename, String(size)], { stdio: 'inherit' });
  }
}
