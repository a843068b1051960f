// Every schema that was released can be brought to the newest, with what it held. `schemas/` has a backup of each, and its tables.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openMaintenance } from '../src/database.ts';
import { migrateTo } from '../src/db/migrate.ts';
import { migrations } from '../src/db/migrations/migrations.ts';
import { engineOf } from '../src/db/open-store.ts';
import { sql } from '../src/db/kysely.ts';
import { onBothDatabases, onSqlite, settingsOf } from '../src/db/store-testing.ts';

const schemas = fileURLToPath(new URL('schemas/', import.meta.url));
const STEPS = Object.keys(migrations('sqlite'));
const ALL = { limit: 100, after: null };

describe('migrations', () => {
  it('are the same steps for both databases, in order, with a fixture each', async () => {
    assert.deepEqual(Object.keys(migrations('postgres')), STEPS);
    assert.deepEqual(STEPS, STEPS.toSorted());
    assert.ok(STEPS.every((step) => /^\d{4}-[a-z-]+$/.test(step)));
    const files = STEPS.flatMap((step) => [`${step}.jsonl`, `${step}.sql`]);
    assert.deepEqual((await readdir(schemas)).sort(), files.sort());
  });

  onSqlite(({ create }) => {
    for (const step of STEPS) {
      it(`make what they made when they were released: ${step}`, async () => {
        const engine = engineOf(settingsOf(await create()));
        await migrateTo(engine, step);
        const { rows } = await sql<{
          sql: string;
        }>`select sql from sqlite_master where sql is not null order by name`.execute(engine.queries);
        await engine.close();
        const text = rows.map((row) => `${row.sql};\n`).join('');
        assert.equal(text, await readFile(`${schemas}${step}.sql`, 'utf8'));
      });
    }
  });
});

onBothDatabases('a released schema', ({ create, open }) => {
  for (const step of STEPS) {
    it(`is brought to the newest with what it held: ${step}`, async () => {
      const url = await create();
      const database = openMaintenance({ ...settingsOf(url), keys: [] });
      await database.restore(`${schemas}${step}.jsonl`, { isForced: false });
      assert.deepEqual(await database.migrate(), { steps: [] });
      await database.close();

      const store = open(url);
      assert.equal(await store.revisions.head(), 2);
      assert.deepEqual(
        (await store.objects.at(2)).map(({ kind, name, workspace, document }) => [
          kind,
          name,
          workspace,
          document,
        ]),
        [
          ['routes', 'orders', 'shop', { match: { path: '/orders' }, service: 'orders' }],
          ['services', 'orders', 'shop', { endpoints: ['http://127.0.0.1:9001'] }],
        ],
      );
      assert.equal((await store.objects.at(1)).length, 3);
      const [newest] = (await store.revisions.list(ALL)).items;
      assert.deepEqual([newest?.author, newest?.origin, newest?.risks.length], ['ada', 'api', 1]);
      const [key] = await store.keys.changed(0, 10);
      assert.deepEqual(
        [key?.id, key?.consumer, key?.revokedAt, key?.lastUsedAt],
        ['tp_Ab3dE6gH', 'acme', 70, 60],
      );
      assert.deepEqual((await store.workspaces.find('shop'))?.hosts, ['*.shop.example']);
      const [token] = await store.tokens.list();
      assert.deepEqual([token?.name, token?.role, token?.workspaces], ['ci', null, { shop: 'editor' }]);
      const [entry] = (await store.audit.list({ workspaces: ['shop'] }, ALL)).items;
      assert.deepEqual([entry?.action, entry?.revision], ['object.put', 2]);
      const [rollout] = (await store.fleet.rollouts(ALL)).items;
      assert.deepEqual([rollout?.state, rollout?.steps], ['completed', [{ kind: 'percent', percent: 5 }]]);
      assert.equal(await store.agree('session-secret', 'another'), 'agreed');
    });
  }
});
