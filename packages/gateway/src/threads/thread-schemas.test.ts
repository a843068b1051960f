import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Errand } from '../core/desk.ts';
import { FIXTURES } from '../translate/grpc/schema/schema-testing.ts';
import { NewsBoard } from './news-board.ts';
import { ThreadSchemas } from './thread-schemas.ts';
import { hearLog } from './threads-testing.ts';

const GET = '/turnpike.test.Library/Get';
const DESCRIPTORS = { kind: 'descriptors', document: '/d.binpb' } as const;
const REFLECTION = { kind: 'reflection', refreshMs: 1000 } as const;

function setUp() {
  const news = new NewsBoard();
  const errands: Errand[] = [];
  const wheel = { nowMs: 0 };
  const schemas = new ThreadSchemas({
    news,
    wheel,
    log: hearLog(),
    desk: {
      run: (kind, asks) => {
        errands.push({ kind, ...asks } as Errand);
        return Promise.reject(new Error('nobody is there'));
      },
    },
  });
  return { news, errands, wheel, schemas };
}

/** Of a snapshot whose service `a` has this. */
function snapshotWith(
  grpc: typeof DESCRIPTORS | typeof REFLECTION | null,
  documents: Record<string, string> = {},
) {
  return { services: [{ id: 'a', grpc }], documents };
}

describe('the schemas of a thread', () => {
  it('are those of the documents of each snapshot, the same while these stay the same', async () => {
    const { schemas } = setUp();
    const first = snapshotWith(DESCRIPTORS, { '/d.binpb': FIXTURES.toString('base64') });
    await schemas.prepare(first);
    const schema = schemas.use(first).of('a');
    assert.ok(schema?.method(GET));
    assert.equal(schemas.use(structuredClone(first)).of('a'), schema);
    assert.equal(schemas.use(first).of('b'), null);
    assert.equal(schemas.use(snapshotWith(null)).of('a'), null);
  });

  it('may be used before they are prepared, as the first snapshot of a thread is', async () => {
    const { schemas } = setUp();
    const first = snapshotWith(DESCRIPTORS, { '/d.binpb': FIXTURES.toString('base64') });
    const known = schemas.use(first);
    await schemas.prepare(first);
    assert.ok(known.of('a')?.method(GET));
  });

  it('come with the news of services that describe themselves', async () => {
    const { schemas, news } = setUp();
    const snapshot = snapshotWith(REFLECTION);
    await schemas.prepare(snapshot);
    const known = schemas.use(snapshot);
    assert.equal(known.of('a'), null);
    news.publish({ topic: 'descriptors', id: 'a', digest: '1', set: FIXTURES });
    assert.ok(known.of('a')?.method(GET));
  });

  it('are asked for when something lacks, not too often', async () => {
    const { schemas, errands, wheel } = setUp();
    const snapshot = snapshotWith(REFLECTION);
    await schemas.prepare(snapshot);
    const known = schemas.use(snapshot);
    for (let i = 0; i < 5; i++) known.of('a');
    assert.deepEqual(errands, [{ kind: 'refresh-descriptors', service: 'a' }]);
    wheel.nowMs = 5000;
    known.of('a');
    assert.equal(errands.length, 2);
  });

  it('cost nothing where nobody has descriptors', async () => {
    const { schemas } = setUp();
    await schemas.prepare(snapshotWith(null));
    assert.equal(schemas.use(snapshotWith(null)).of('a'), null);
  });
});
