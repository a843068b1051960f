import { Socket } from 'node:net';
import {
  Client,
  type ClientConfig,
  type CustomTypesConfig,
  DatabaseError,
  Pool,
  types as defaultTypes,
} from 'pg';
import type { PostgresPool } from '../kysely.ts';

// What we use of pg. Nothing else imports it.

/** A server, and how long it may take. */
export interface PostgresSettings {
  readonly url: string;
  readonly timeoutMs: number;
  /** For a query, if that is another. */
  readonly queryTimeoutMs?: number;
}

/** How much longer than the server we wait ourselves, so that its own answer comes first if there is one. */
const GRACE_MS = 250;
/** A server takes a hundred by default, of all gateways together. */
const CONNECTIONS = 4;
const IDLE_MS = 30_000;
/** A listener says nothing for hours; so long may pass before it is noticed that nobody would hear it. */
const KEEP_ALIVE_MS = 5000;
/** For the answer to a goodbye. */
const GOODBYE_MS = 500;
const INT8 = 20;
/** SQLSTATE classes of queries that are wrong: data, constraints, state of the transaction, syntax, rules of views. */
const WRONG = /^(22|23|25P|2B|42|44)/;

type PooledClient = Awaited<ReturnType<PostgresPool['connect']>>;

const types: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    // All our numbers are small enough.
    oid === INT8 ? Number : defaultTypes.getTypeParser(oid, format),
};

function options({ url, timeoutMs, queryTimeoutMs = timeoutMs }: PostgresSettings): ClientConfig {
  return {
    connectionString: url,
    application_name: 'turnpike',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: queryTimeoutMs,
    query_timeout: queryTimeoutMs + GRACE_MS,
    idle_in_transaction_session_timeout: 10 * queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types,
  };
}

/** The sockets of connections, so that they can be closed whatever the other side says. */
interface Sockets {
  readonly open: () => Socket;
  /** Ends what has them by `end`; when that takes long, the network is silent, and waiting would take a quarter of an hour. */
  readonly endWith: (end: () => Promise<void>) => Promise<void>;
}

function sockets(): Sockets {
  const all = new Set<Socket>();
  const hangUp = (): void => {
    for (const socket of all) socket.destroy();
  };
  return {
    open() {
      const socket = new Socket();
      all.add(socket);
      socket.once('close', () => all.delete(socket));
      return socket;
    },
    async endWith(end) {
      const timer = setTimeout(hangUp, GOODBYE_MS);
      try {
        await end();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Connections that are used again, but not after anything went wrong on one that the server did not say itself. */
export function postgresPool(settings: PostgresSettings, onLost: (error: Error) => void): PostgresPool {
  const { open, endWith } = sockets();
  const pool = new Pool({ ...options(settings), stream: open, max: CONNECTIONS, idleTimeoutMillis: IDLE_MS });
  pool.on('error', onLost);
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      let isBroken = false;
      // Between two queries nobody else hears that the server has gone.
      const onError = (): void => void (isBroken = true);
      client.on('error', onError);
      const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
        try {
          return await client.query(text, [...values]);
        } catch (error) {
          // After a time-out of ours its answer may still come, and would be taken for that of the next query.
          isBroken ||= !(error instanceof DatabaseError);
          throw error;
        }
      };
      const release = (): void => {
        client.off('error', onError);
        client.release(isBroken);
      };
      return { query: query as PooledClient['query'], release };
    },
    end: () => endWith(() => pool.end()),
  };
}

/** Whether an error is not the fault of the query. */
export function isServerAway(error: unknown): boolean {
  return error instanceof DatabaseError ? !WRONG.test(error.code ?? '') : isConnectionError(error);
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && /^(E[A-Z]+|ERR_(TLS|SSL)_.*|.*CERT.*)$/.test(String(error.code))) return true;
  return /^(Connection terminated|timeout exceeded|Query read timeout|Client |The server does not support SSL|Cannot use a pool)/i.test(
    error.message,
  );
}

/** A connection that only listens. */
export interface PostgresListener {
  close(): Promise<void>;
}

/** Listens on a channel until `onEnd` is called, once, or it is closed. Rejects if it cannot begin. */
export async function listenOn(
  settings: PostgresSettings,
  channel: string,
  hears: { readonly onText: (text: string) => void; readonly onEnd: () => void },
): Promise<PostgresListener> {
  const { open, endWith } = sockets();
  const client = new Client({ ...options(settings), stream: open });
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    hears.onEnd();
  };
  client.on('error', end);
  client.on('end', end);
  client.on('notification', ({ payload = '' }) => hears.onText(payload));
  const close = async (): Promise<void> => {
    isOver = true;
    await endWith(() => client.end()).catch(() => {}); // it has gone on its own
  };
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
