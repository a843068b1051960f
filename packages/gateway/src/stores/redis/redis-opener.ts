import { readFile } from 'node:fs/promises';
import type { RedisConfig } from '@turnpike/config';
import {
  openCluster,
  openServer,
  type Attempt,
  type RedisAddress,
  type RedisClient,
  type Trust,
} from './redis-client.ts';

/** Connects to what is configured. */
export type OpenRedis = (attempt: Attempt) => Promise<RedisClient>;

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

/**
 * How to connect to what is configured: a server, whoever is the master, or a cluster. The authorities are read for each
 * attempt, so that new ones need no restart.
 */
export function redisOpener(config: RedisConfig): OpenRedis {
  return async (attempt) => open(config, await trustOf(config), attempt);
}

function open({ mode, urls, master }: RedisConfig, trust: Trust, attempt: Attempt): Promise<RedisClient> {
  const port = mode === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT;
  const addresses = urls.map((url) => addressIn(url, port, trust));
  if (mode === 'cluster') return openCluster(addresses, attempt.signal);
  if (mode === 'sentinel') return openMaster(addresses, master ?? '', attempt);
  return firstOf(addresses, (address) => openServer(address, attempt, (client) => client.send('', ['PING'])));
}

async function trustOf({ authorities }: RedisConfig): Promise<Trust> {
  if (authorities === null) return {};
  const ca = await readFile(authorities, 'utf8');
  // Anything else would be left out without a word.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${authorities} holds no certificate`);
  return { ca };
}

/** `redis[s]://[[user]:password@]host[:port][/database]`. */
function addressIn(url: string, defaultPort: number, trust: Trust): RedisAddress {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? defaultPort : Number(port),
    tls: protocol === 'rediss:' ? trust : null,
    login: {
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(pathname.length > 1 && { database: Number(pathname.slice(1)) }),
    },
  };
}

/** Asks the sentinels one by one who is the master. They and the master have one login, and are reached in one way. */
function openMaster(
  sentinels: readonly RedisAddress[],
  name: string,
  attempt: Attempt,
): Promise<RedisClient> {
  return firstOf(sentinels, async (sentinel) => {
    const [host, port] = await masterFrom(sentinel, name, attempt.signal);
    return openServer({ ...sentinel, host, port }, attempt, async (client) => {
      // The sentinel may be the last to know that it is none any more.
      const role = await client.send('', ['ROLE']);
      if (!Array.isArray(role) || role[0] !== 'master') throw new Error(`${host}:${port} is not the master`);
    });
  });
}

/** Host and port of the master, as a sentinel knows them. */
async function masterFrom(
  sentinel: RedisAddress,
  name: string,
  signal: AbortSignal,
): Promise<readonly [string, number]> {
  const { username = 'default', password } = sentinel.login;
  let master: unknown = null;
  const client = await openServer({ ...sentinel, login: {} }, { signal, lost: () => {} }, async (client) => {
    // Sentinels often have no password. If this one has another, the next command says so.
    if (password !== undefined) await client.send('', ['AUTH', username, password]).catch(() => {});
    master = await client.send('', ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
  });
  client.destroy();
  if (!Array.isArray(master)) throw new Error(`the sentinel knows no master ${name}`);
  return [String(master[0]), Number(master[1])];
}

/** What can be had from the first address that works. */
async function firstOf(
  addresses: readonly RedisAddress[],
  open: (address: RedisAddress) => Promise<RedisClient>,
): Promise<RedisClient> {
  const problems: unknown[] = [];
  for (const address of addresses) {
    try {
      return await open(address);
    } catch (error) {
      problems.push(error);
    }
  }
  throw new AggregateError(problems, 'no address of redis works');
}
