import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { memoryFiles } from '../test/fixtures.ts';
import { createLoader, type Files, type LoadedFiles } from './load.ts';

/** What can stand at each place of a configuration: the usual first, then what changes the meaning of other places, or is wrong. */
const PLACES = {
  lines: ['', '\n', '\n\n# moved\n'],
  web: ['{address: ":8080"}', '{address: ":8080", trustedProxies: [10.0.0.0/8]}', '{address: nowhere}'],
  a: [
    '{endpoints: [http://h:1]}',
    '{endpoints: [grpc://h:1], grpc: {reflection: true}}',
    '{endpoints: ["${env:A}"]}',
  ],
  b: ['{endpoints: [http://h:3]}', '{endpoint: 1}', null],
  consumer: ['{plan: gold, keys: ["${env:KEY}"]}', '{keys: ["${env:KEY}"]}', null],
  redis: ['{url: "${env:REDIS}"}', null],
  office: ['{addresses: [10.0.0.0/8]}', null],
  defaults: [
    '{timeout: 3s}',
    '{rateLimit: {limit: 1, per: 1s, store: redis}}',
    '{ipAccess: {allow: [office]}, timeout: "${env:T}"}',
    '{authenticate: {with: consumers}}',
    null,
  ],
  r1: [
    '{match: {path: "/x/{id}"}, service: a}',
    '{match: {path: "/x/{id}"}, service: b}',
    '{match: {path: "/n"}}',
    null,
  ],
  r2: [
    '{match: {path: "/z"}, services: {a: 1, b: 2}, split: {override: x-side}}',
    '{match: {path: "/{id}"}, service: a, rewrite: {path: "/{nr}"}}',
  ],
  r3: [
    '{match: {path: "/q"}, service: a, policies: {rateLimit: {limit: 1, per: 1s, by: consumer}}}',
    '{match: {path: "/q"}, service: a, policies: {rateLimit: {limit: "${env:N}", per: 1s, plans: {gold: 3}, by: consumer}}}',
    '{match: {path: "/w"}, service: a, policies: {timeout: soon}}',
  ],
  r4: [
    '{match: {path: "/g"}, service: a, translate: {grpc: web}}',
    '{match: {path: "/v"}, service: a, policies: {validate: {body: {type: object}}}}',
    '{match: {path: "/r"}, redirect: {to: "/x"}, upgrade: [websocket]}',
    '{match: {path: "/x/{nr}"}, service: a}',
  ],
} as const;

const VARIABLES = {
  A: ['http://h:4', 'nonsense'],
  KEY: ['k'.repeat(32), 'l'.repeat(32)],
  REDIS: ['redis://r', 'redis://s'],
  N: ['5', '6', 'many'],
  T: ['5s', '6s', ''],
} as const;

type Place = keyof typeof PLACES;
type Forms = Readonly<Record<Place, string | null>>;

/** Two files: routes stand in both. */
function written(forms: Forms): Readonly<Record<string, string>> {
  const section = (name: string, entries: Readonly<Record<string, string | null>>): string => {
    const given = Object.entries(entries).flatMap(([key, text]) =>
      text === null ? [] : [`  ${key}: ${text}`],
    );
    return given.length === 0 ? '' : [`${name}:`, ...given, ''].join('\n');
  };
  const { lines, web, a, b, consumer, redis, office, defaults, r1, r2, r3, r4 } = forms;
  return {
    '/1.yaml': [
      lines,
      section('listeners', { web }),
      section('services', { a, b }),
      section('consumers', { consumer }),
      section('stores', { redis }),
      section('lists', { office }),
      section('defaults', { policies: defaults }),
      section('routes', { r1, r2 }),
    ].join(''),
    '/2.yaml': section('routes', { r3, r4 }),
  };
}

function choice<K extends string, V>(places: Readonly<Record<K, readonly V[]>>) {
  return fc
    .constantFrom(...(Object.keys(places) as K[]))
    .chain((place) => fc.record({ place: fc.constant(place), form: fc.constantFrom(...places[place]) }));
}

/** All that a load says. */
function saidBy({ config, issues, files, written }: LoadedFiles): unknown {
  return { config: JSON.stringify(config), issues, files, document: written.document };
}

describe('loading again', () => {
  it('gives what loading for the first time gives, whatever was loaded before', async () => {
    const step = fc.record({
      change: choice<Place, string | null>(PLACES),
      variable: fc.option(choice<string, string>(VARIABLES), { freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        let forms: Forms = firstOf<Place, string | null>(PLACES);
        const env: Record<string, string> = firstOf<string, string>(VARIABLES);
        const files: Files = {
          read: (path) => memoryFiles(written(forms)).read(path),
          list: (path) => memoryFiles(written(forms)).list(path),
        };
        const load = createLoader({ files, env });
        const paths = Object.keys(written(forms));
        for (const { change, variable } of steps) {
          forms = { ...forms, [change.place]: change.form };
          if (variable !== null) env[variable.place] = variable.form;
          const anew = await createLoader({ files, env })(paths);
          assert.deepEqual(saidBy(await load(paths)), saidBy(anew), JSON.stringify(written(forms)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

function firstOf<K extends string, V>(places: Readonly<Record<K, readonly V[]>>): Record<K, V> {
  const first = Object.entries<readonly V[]>(places).map(([place, [form]]) => [place, form]);
  return Object.fromEntries(first) as Record<K, V>;
}
