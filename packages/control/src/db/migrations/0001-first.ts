import { type Kysely, type Migration, sql } from '../kysely.ts';
import type { Engine } from '../engine.ts';

const COUNTERS = ['revision', 'keys', 'rollout', 'tokens', 'workspaces', 'audit'];

/** The first schema. */
export function first(dialect: Engine['dialect']): Migration {
  // Names in order of their bytes, whatever the language of the database: SQLite does so, and cursors of pages need it.
  const name = dialect === 'postgres' ? sql`text collate "C"` : sql`text`;

  async function up(db: Kysely<unknown>): Promise<void> {
    const table = (title: string) => db.schema.createTable(title);

    await table('counters')
      .addColumn('name', name, (c) => c.primaryKey())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .execute();
    await table('agreements')
      .addColumn('name', name, (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();

    await table('revisions')
      .addColumn('number', 'bigint', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('message', 'text', (c) => c.notNull())
      .addColumn('risks', 'text', (c) => c.notNull())
      .addColumn('change_count', 'bigint', (c) => c.notNull())
      .execute();
    await table('objects')
      .addColumn('kind', name, (c) => c.notNull())
      .addColumn('name', name, (c) => c.notNull())
      .addColumn('workspace', name, (c) => c.notNull())
      .addColumn('document', 'text', (c) => c.notNull())
      .addColumn('revision', 'bigint', (c) => c.notNull().references('revisions.number'))
      .addPrimaryKeyConstraint('objects_pk', ['kind', 'name'])
      .execute();
    await table('object_versions')
      .addColumn('kind', name, (c) => c.notNull())
      .addColumn('name', name, (c) => c.notNull())
      .addColumn('workspace', name, (c) => c.notNull())
      .addColumn('document', 'text')
      .addColumn('revision', 'bigint', (c) => c.notNull().references('revisions.number'))
      .addPrimaryKeyConstraint('object_versions_pk', ['kind', 'name', 'revision'])
      .execute();

    await table('consumer_keys')
      .addColumn('id', name, (c) => c.primaryKey())
      .addColumn('consumer', name, (c) => c.notNull())
      .addColumn('label', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .addColumn('change', 'bigint', (c) => c.notNull())
      .execute();
    await table('workspaces')
      .addColumn('name', name, (c) => c.primaryKey())
      .addColumn('document', 'text', (c) => c.notNull())
      .execute();
    await table('tokens')
      .addColumn('id', name, (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('role', 'text')
      .addColumn('workspaces', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute();

    await table('audit')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('author', name, (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('action', name, (c) => c.notNull())
      .addColumn('target', 'text', (c) => c.notNull())
      .addColumn('workspace', name)
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('revision', 'bigint')
      .addColumn('detail', 'text', (c) => c.notNull())
      .execute();
    await table('nodes')
      .addColumn('id', name, (c) => c.primaryKey())
      .addColumn('report', 'text', (c) => c.notNull())
      .addColumn('heartbeat_at', 'bigint', (c) => c.notNull())
      .execute();
    await table('rollouts')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('revision', 'bigint', (c) => c.notNull())
      .addColumn('base', 'bigint', (c) => c.notNull())
      .addColumn('steps', 'text', (c) => c.notNull())
      .addColumn('step', 'bigint', (c) => c.notNull())
      .addColumn('step_ms', 'bigint', (c) => c.notNull())
      .addColumn('state', name, (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('stepped_at', 'bigint', (c) => c.notNull())
      .addColumn('started_by', 'text', (c) => c.notNull())
      .execute();
    await table('jobs')
      .addColumn('name', name, (c) => c.primaryKey())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('until', 'bigint', (c) => c.notNull())
      .execute();

    for (const statement of INDEXES) await sql.raw(statement).execute(db);
    const values = COUNTERS.map((counter) => sql`(${counter}, 0)`);
    await sql`insert into counters (name, value) values ${sql.join(values)}`.execute(db);
  }

  return { up };
}

const INDEXES = [
  'create index objects_by_workspace on objects (kind, workspace, name)',
  'create index object_versions_by_revision on object_versions (revision)',
  'create unique index consumer_keys_by_consumer on consumer_keys (consumer, id)',
  'create unique index consumer_keys_by_change on consumer_keys (change)',
  'create index audit_by_author on audit (author, id)',
  'create index audit_by_action on audit (action, id)',
  'create index audit_by_workspace on audit (workspace, id)',
  // A fleet has one roll-out under way, whoever asks at the same moment.
  `create unique index rollouts_under_way on rollouts ((1)) where state in ('running', 'paused')`,
];
