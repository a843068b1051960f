import { isIP } from 'node:net';
import type { RedisClientOptions } from '@redis/client';

/** A command and its arguments. */
export type Command = readonly (string | Buffer)[];

/** Commands to Redis over one connection, or one for each node of a cluster. They reject when it breaks. */
export interface RedisClient {
  /** Sends a command to the node that has `key`. Those of one turn of the event loop are written together. */
  send(key: string, command: Command): Promise<unknown>;
  /** The same, for an answer of bytes that are no text. */
  sendForBytes(key: string, command: Command): Promise<unknown>;
  /** Hears every message of a channel from now on. A connection to one server can do nothing else then. */
  subscribe(channel: string, heard: (message: string) => void): Promise<void>;
  /** Waits for the answers that are under way, and closes. */
  close(): Promise<unknown>;
  /** Closes at once. */
  destroy(): void;
}

/** Who vouches for servers: authorities as PEM text; without any, those that Node.js knows. */
export interface Trust {
  readonly ca?: string;
}

/** Where a server is, and who we are there. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  /** Null: without TLS. */
  readonly tls: Trust | null;
  readonly login: Pick<RedisClientOptions, 'username' | 'password' | 'database'>;
}

/** Until a TCP connection is there. */
const CONNECT_MS = 2000;

/** Until a node of a cluster says which others there are; then another one is asked. */
const DISCOVER_MS = 1000;

/** After a node of a cluster was lost for so long, the others are asked who has its slots. */
const REDISCOVER_MS = 500;

/**
 * RESP 2, which needs no handshake. Who asks keeps the time: here it would end when a command is written, and cost an
 * `AbortSignal` each.
 */
const BASICS = {
  RESP: 2,
  disableOfflineQueue: true,
  disableClientInfo: true,
  maintNotifications: 'disabled',
  commandOptions: { timeout: 0 },
} as const;

/** An attempt to connect. */
export interface Attempt {
  /** Aborts when it takes too long. */
  readonly signal: AbortSignal;
  /** Called when the connection fails, now or later. It is not tried again here. */
  readonly lost: (error: Error) => void;
}

/**
 * Connects to one server. Only who is `greeted` counts as connected: a server that hangs accepts connections, too, and others
 * are still loading their data, or not the master. The package is loaded for the first connection, because it takes 10 MB
 * and a tenth of a second on each thread.
 */
export async function openServer(
  address: RedisAddress,
  { signal, lost }: Attempt,
  greet: (client: RedisClient) => Promise<unknown>,
): Promise<RedisClient> {
  const { createClient, RESP_TYPES } = await import('@redis/client');
  const asBytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
  const socket = { ...socketTo(address), reconnectStrategy: false } as const;
  const connection = createClient({ ...BASICS, ...address.login, socket });
  // Each of these errors also rejects what waits, and ends in `terminated`.
  connection.on('error', () => {});
  connection.on('terminated', lost);
  const client: RedisClient = {
    send: (_, command) => connection.sendCommand([...command]),
    sendForBytes: (_, command) => connection.sendCommand([...command], asBytes),
    subscribe: (channel, heard) => connection.subscribe(channel, heard),
    close: () => connection.close(),
    destroy: () => connection.destroy(),
  };
  await whileNotAborted(signal, client, async () => {
    await connection.connect();
    await greet(client);
  });
  return client;
}

/**
 * Connects to a cluster of which some nodes are known. Each is connected when it is needed, so one that is down costs its
 * slots only, until the cluster gives them to another.
 */
export async function openCluster(nodes: readonly RedisAddress[], signal: AbortSignal): Promise<RedisClient> {
  const { createCluster, RESP_TYPES } = await import('@redis/client');
  const asBytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
  const [first] = nodes;
  const { username, password } = first?.login ?? {};
  const cluster = createCluster({
    RESP: BASICS.RESP,
    commandOptions: BASICS.commandOptions,
    rootNodes: nodes.map((node) => ({ socket: { ...socketTo(node), socketTimeout: DISCOVER_MS } })),
    defaults: {
      ...BASICS,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      socket: {
        ...tlsTo(first?.tls ?? null),
        connectTimeout: CONNECT_MS,
        reconnectStrategy: nodeDelayMs,
      },
    },
    minimizeConnections: true,
    maxCommandRedirections: 3,
    topologyRefreshOnReconnectionAttemptStrategy: REDISCOVER_MS,
  });
  // Why no node tells of the others: what `connect` rejects with does not say it.
  let problem: unknown = null;
  cluster.on('error', (error) => void (problem = error));
  const client: RedisClient = {
    send: (key, command) => cluster.sendCommand(key, false, [...command]),
    sendForBytes: (key, command) => cluster.sendCommand(key, false, [...command], asBytes),
    subscribe: (channel, heard) => cluster.subscribe(channel, heard),
    close: () => cluster.close(),
    destroy: () => cluster.destroy(),
  };
  await whileNotAborted(signal, client, () =>
    cluster.connect().catch((error: unknown) => {
      throw problem ?? error;
    }),
  );
  return client;
}

/** Gives `connect` up when it takes too long. The client is destroyed then, or when it fails. */
async function whileNotAborted(
  signal: AbortSignal,
  client: RedisClient,
  connect: () => Promise<unknown>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => reject(new Error('it does not answer'));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    connect().then(() => resolve(), reject);
    await promise;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function socketTo({ host, port, tls }: RedisAddress) {
  // Node.js does not tell the server its name by itself, and one address may have several (RFC 6066 §3).
  const servername = tls !== null && isIP(host) === 0 ? { servername: host } : {};
  return { host, port, connectTimeout: CONNECT_MS, ...tlsTo(tls), ...servername };
}

function tlsTo(tls: Trust | null) {
  return tls === null ? {} : ({ tls: true, ...tls } as const);
}

function nodeDelayMs(retries: number): number {
  return Math.min(50 * 2 ** retries, 1000);
}
