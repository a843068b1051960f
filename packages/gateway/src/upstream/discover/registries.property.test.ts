/** Whatever registries answer: their sources never throw, never find what is malformed, and always close. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { consulSource } from './consul.ts';
import type { EndpointSource, FoundEndpoint, SourceEvents, SourcePorts, Web } from './endpoint-source.ts';
import { etcdSource } from './etcd.ts';
import { kubernetesSource } from './kubernetes.ts';
import { hearSource } from './registry-testing.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 150);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const URL = 'http://127.0.0.1:1';

interface Registry {
  readonly open: (events: SourceEvents, ports: SourcePorts) => EndpointSource;
  readonly answer: unknown;
  readonly lines: readonly unknown[];
}

const KV = { key: base64('/s/a'), mod_revision: '2', value: base64('{"host":"a","port":80}') };
const etcdLine = (result: object): object => ({ result: { header: { revision: '3' }, ...result } });
const SLICE = {
  metadata: { name: 's', resourceVersion: '7' },
  ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false }, zone: 'a' },
    { addresses: ['::1'], hints: { forZones: [{ name: 'b' }] } },
  ],
};

/** What each of them answers when all is well. */
const REGISTRIES: Readonly<Record<string, Registry>> = {
  etcd: {
    open: (events, ports) => {
      const config = { kind: 'etcd', urls: [URL], prefix: '/s/', username: 'u', password: 'p' } as const;
      return etcdSource(config, events, ports);
    },
    answer: { header: { revision: '2' }, token: 'secret', kvs: [KV], count: '1' },
    lines: [
      etcdLine({ created: true }),
      etcdLine({ events: [{ kv: KV }, { type: 'DELETE', kv: { key: KV.key } }] }),
      etcdLine({ canceled: true, compact_revision: '1', cancel_reason: 'compacted' }),
    ],
  },
  consul: {
    open: (events, ports) => {
      const about = { service: 's', tags: ['t'], datacenter: null, token: null };
      return consulSource({ kind: 'consul', urls: [URL], ...about }, events, ports);
    },
    answer: [
      {
        Node: { Node: 'n', Address: '10.0.0.1', Meta: { zone: 'a' } },
        Service: { ID: 'i', Address: '', Port: 80, Meta: { priority: '1' }, Weights: { Passing: 1 } },
      },
    ],
    lines: [],
  },
  kubernetes: {
    open: (events, ports) => {
      const about = { namespace: 'n', service: 's', port: null, tokenFile: null, authorities: null };
      return kubernetesSource({ kind: 'kubernetes', url: URL, ...about }, events, ports);
    },
    answer: { metadata: { resourceVersion: '7', continue: '' }, items: [SLICE, SLICE] },
    lines: [
      { type: 'MODIFIED', object: SLICE },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } },
      { type: 'DELETED', object: SLICE },
      { type: 'ERROR', object: { code: 410, message: 'gone' } },
    ],
  },
};

/** A value in which some places hold something else, or nothing. */
function warped(template: unknown): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.constantFrom(undefined, null, '', 0, -1, 1e300, 'x'.repeat(300), '9'.repeat(16), [], {}, true),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const changes = fc.array(fc.tuple(fc.nat(200), odd), { maxLength: 3 });
  return changes.map((list) => {
    let value: unknown = structuredClone(template);
    for (const [place, other] of list) value = replaced(value, place, other);
    return value;
  });
}

/** Puts `other` at the place of this number, counted through all places in order. */
function replaced(root: unknown, place: number, other: unknown): unknown {
  const places: [Record<string, unknown>, string][] = [];
  const holder: Record<string, unknown> = { root };
  const walk = (parent: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(parent)) {
      places.push([parent, name]);
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>);
    }
  };
  walk(holder);
  const [parent, name] = places[place % places.length] ?? [holder, 'root'];
  parent[name] = other;
  return holder['root'];
}

/** What a registry says in one run: answers and watches that come again and again. */
interface Talk {
  readonly status: number;
  readonly index: string;
  readonly answer: string;
  readonly lines: readonly string[];
}

function talks(registry: Registry): fc.Arbitrary<readonly Talk[]> {
  const textOf = (template: unknown): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 8, arbitrary: warped(template).map((value) => JSON.stringify(value) ?? '') },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: fc.string() },
    );
  const line = fc.oneof(...[...registry.lines, {}].map(textOf));
  const talk = fc.record({
    status: fc.oneof({ weight: 8, arbitrary: fc.constant(200) }, fc.constantFrom(204, 401, 410, 429, 500)),
    index: fc.oneof(fc.constantFrom('5', '0', '-1', 'x', ''), fc.nat().map(String)),
    answer: textOf(registry.answer),
    lines: fc.array(line, { maxLength: 6 }),
  });
  return fc.array(talk, { minLength: 1, maxLength: 6 });
}

function webOf(list: readonly Talk[]): Web {
  let turn = 0;
  const next = (): Talk => list[turn++ % list.length] as Talk;
  return {
    request: async () => {
      const { status, index, answer } = next();
      return { status, headers: new Map([['x-consul-index', index]]), text: answer };
    },
    lines: async () => {
      const { status, lines } = next();
      return { status, lines: spoken(lines) };
    },
  };
}

async function* spoken(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

function assertSound(endpoint: FoundEndpoint): void {
  const { host, port, weight, zone, priority, isDraining } = endpoint;
  assert.ok(isIP(host) !== 0 || /^[a-z0-9_.-]{1,253}$/.test(host), host);
  assert.ok(Number.isInteger(port) && port > 0 && port < 65_536);
  assert.ok(Number.isInteger(weight) && weight >= 0 && weight < 65_536);
  assert.ok(Number.isInteger(priority) && priority >= 0 && priority < 65_536);
  assert.ok(zone === null || (zone.length > 0 && zone.length <= 128));
  assert.equal(typeof isDraining, 'boolean');
  assert.equal(Object.keys(endpoint).length, 6);
}

describe('a source, whatever its registry says,', () => {
  for (const [name, registry] of Object.entries(REGISTRIES)) {
    it(`finds only sound endpoints and closes: ${name}`, async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(talks(registry), async (list) => {
          const heard = hearSource(webOf(list));
          const source = registry.open(heard.events, heard.ports);
          await heard.until(() => heard.pauses.length >= 8);
          await source.close();
          found += heard.found.flat().length;
          for (const endpoint of heard.found.flat()) assertSound(endpoint);
          for (const problem of heard.problems) assert.match(problem, /^\P{C}{1,300}$/u);
        }),
        { numRuns: CASES },
      );
      assert.ok(found > CASES / 2, 'most of it is understood');
    });
  }
});
