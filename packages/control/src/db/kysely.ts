// What we use of kysely. Nothing else imports it.

export {
  CompiledQuery,
  Kysely,
  PostgresDialect,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
export type {
  DatabaseConnection,
  Dialect,
  Driver,
  Insertable,
  PostgresPool,
  QueryResult,
  RawBuilder,
  Selectable,
  TransactionSettings,
} from 'kysely';
export { type Migration, Migrator } from 'kysely/migration';
