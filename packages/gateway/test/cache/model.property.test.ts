// The stage over the real memory beside a small model: whatever is asked, said and waited for, both give the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { countedDecisions } from '../../src/core/decisions-testing.ts';
import { exchangeFrom } from '../../src/core/exchange-testing.ts';
import type { Handler, Reply } from '../../src/core/exchange.ts';
import { headersOf } from '../../src/core/headers.ts';
import { random, type Random } from '../../src/core/random.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { cache } from '../../src/stages/cache/cache.ts';
import { decodeHead, type CachedHead } from '../../src/stages/cache/cached-head.ts';
import { cacheConfig } from '../../src/stages/cache/rules/rules-testing.ts';
import { CacheArea } from '../../src/stores/cache/area.ts';
import { SharedCache } from '../../src/stores/cache/shared-cache.ts';
import { CacheModel, type Said, type Wanted } from './cache-model.ts';

const STEPS = 400;
const SEEDS = process.env['CACHE_MODEL_SEEDS'];

const CONTROLS = [
  'max-age=10',
  'max-age=60',
  'max-age=0',
  's-maxage=20, max-age=1',
  'no-store',
  'private, max-age=60',
  'no-cache, max-age=60',
  'max-age=5, must-revalidate, stale-if-error=60',
  'max-age=5, stale-while-revalidate=30',
  'max-age=5, stale-if-error=60',
];
const WISHES = ['', '', '', '', 'no-cache', 'no-store', 'max-age=3', 'only-if-cached'];
const PATHS = ['/plain', '/other', '/by-language', '/by-language/alike'];
const LANGUAGES = ['en', 'de', 'fr'];
const CLOCK_STEPS_MS = [0, 0, 1, 999, 1000, 4000, 10_000, 61_000, 121_000];

/** A service whose texts change now and then; what it says of each is drawn anew for every request. */
class Service {
  readonly #random: Random;
  /** The requests that came, each with whether it had a condition. */
  readonly asked: { readonly method: string; readonly tags: string }[] = [];
  #versions = 1;
  readonly #texts = new Map<string, { version: number; tag: string | null }>();
  /** What it says until the next request of a client; null: it fails. */
  now: Pick<Said, 'control' | 'ageSeconds'> | null = null;

  constructor(source: Random) {
    this.#random = source;
  }

  /** What it would say to this. Nothing is of two paths, and of two languages only what is alike in both. */
  says({ path, language }: Pick<Wanted, 'path' | 'language'>): Said | null {
    if (this.now === null) return null;
    const isOfLanguage = path === '/by-language';
    const { version, tag } = this.#textOf(isOfLanguage ? `${path} ${language}` : path);
    return { ...this.now, version, tag };
  }

  change(): void {
    this.#texts.delete([...this.#texts.keys()][this.#random.below(this.#texts.size)] ?? '');
  }

  readonly answer: Handler = async ({ method, path, headers }) => {
    const tags = headers.get('if-none-match') ?? '';
    this.asked.push({ method, tags });
    await Promise.resolve();
    const language = headers.get('accept-language') ?? '';
    const said = this.says({ path, language });
    if (said === null) return reply(503, [], '');
    const { version, tag, control, ageSeconds } = said;
    const fields: [string, string][] = [['Cache-Control', control]];
    if (ageSeconds > 0) fields.push(['Age', String(ageSeconds)]);
    if (tag !== null) fields.push(['ETag', tag]);
    if (path.startsWith('/by-language')) fields.push(['Vary', 'Accept-Language']);
    const body = textOf(version);
    if (method === 'HEAD') return reply(200, [...fields, ['Content-Length', String(body.length)]], '');
    return tag !== null && tags.includes(tag) ? reply(304, fields, '') : reply(200, fields, body);
  };

  #textOf(name: string): { version: number; tag: string | null } {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const version = this.#versions++;
    const text = { version, tag: this.#random.below(3) === 0 ? null : `"${version}"` };
    this.#texts.set(name, text);
    return text;
  }
}

const textOf = (version: number): string => 'x'.repeat(version);

function reply(status: number, fields: readonly (readonly [string, string])[], text: string): Reply {
  return { status, headers: headersOf(...fields), body: text === '' ? null : text, code: '', tunnel: null };
}

function draw<T>(source: Random, list: readonly T[]): T {
  return list[source.below(list.length)] ?? assert.fail();
}

function wantedFrom(source: Random): Wanted {
  const method = draw(source, ['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'] as const);
  const [path, language] = [draw(source, PATHS), draw(source, LANGUAGES)];
  const wish = method === 'POST' ? '' : draw(source, WISHES);
  return { method, path, language, wish, hasCredentials: source.below(5) === 0 };
}

/** A route with a cache, in front of such a service. */
function rig(source: Random) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const service = new Service(source);
  const memory = new SharedCache<CachedHead>(CacheArea.allocate(1024 * 1024, 1), {
    seat: 0,
    decodeHead,
    clock,
    wheel,
  });
  const { decisions } = countedDecisions();
  const ports = { memoryOf: () => memory, sharing: null, clock, wheel, random: source, decisions };
  const plan = { id: 'r', policies: { authenticate: null, timeoutMs: null } };
  const stage = cache(cacheConfig(), plan, ports) ?? assert.fail();
  return { clock, wheel, service, handler: stage(service.answer) };
}

async function run(seed: number): Promise<void> {
  const source = random(seed);
  const { clock, wheel, service, handler } = rig(source);
  const model = new CacheModel();
  for (let step = 0; step < STEPS; step++) {
    clock.advance(draw(source, CLOCK_STEPS_MS));
    wheel.advance();
    if (source.below(12) === 0) service.change();
    const ageSeconds = draw(source, [0, 0, 0, 2]);
    service.now = source.below(10) === 0 ? null : { control: draw(source, CONTROLS), ageSeconds };
    const wanted = wantedFrom(source);
    const expected = model.ask(wanted, service.says(wanted), clock.epoch());
    const before = service.asked.length;
    const { method, path, language, wish, hasCredentials } = wanted;
    const headers = headersOf(['Accept-Language', language]);
    if (wish !== '') headers.append('Cache-Control', wish);
    if (hasCredentials) headers.append('Authorization', 'Basic b');
    const exchange = exchangeFrom({ method, path, query: '', headers });
    const { status, body, headers: told } = await handler(exchange);
    exchange.end();
    // What is asked for in the background answers within this turn.
    await new Promise(setImmediate);
    const where = `seed ${seed}, step ${step}: ${JSON.stringify({ ...wanted, ...service.now })}, ${told.getList('cache-status')}`;
    assert.equal(service.asked.length > before, expected.isAsked, where);
    assert.equal(status, expected.status, where);
    if (expected.version !== null && method !== 'HEAD') assert.ok(body === textOf(expected.version), where);
    if (expected.ageSeconds !== null) assert.equal(told.get('age'), String(expected.ageSeconds), where);
  }
}

describe('the cache and the model of it', () => {
  const seeds = SEEDS === undefined ? [1, 2, 3, 4, 5] : SEEDS.split(',').map(Number);
  for (const seed of seeds) it(`agree with the seed ${seed}`, () => run(seed));
});
