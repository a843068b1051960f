import { hash, randomUUID } from 'node:crypto';
import type { AcmeStorage } from './acme-storage.ts';

/** A script of Redis, and the name that Redis gives it. */
export interface StorageScript {
  readonly text: string;
  readonly sha: string;
}

/** Has Redis run a script. Rejects when it cannot, or does not answer in time. */
export type RunScript = (
  script: StorageScript,
  keys: readonly string[],
  args: readonly string[],
) => Promise<unknown>;

/** What gateways share in Redis, below `acme:`. A lock is a key with an end, which holds the name of its holder. */
export function redisStorage(run: RunScript): AcmeStorage {
  const command = (script: StorageScript, name: string, ...args: readonly string[]): Promise<unknown> =>
    run(script, [`acme:${name}`], args);
  return {
    isShared: true,
    async read(name) {
      const found = await command(READ, name);
      return typeof found === 'string' ? found : null;
    },
    write: async (name, text) => void (await command(WRITE, name, text)),
    create: async (name, text) => void (await command(CREATE, name, text)),
    remove: async (name) => void (await command(REMOVE, name)),
    async lock(name, leaseMs) {
      const holder = randomUUID();
      if (!isYes(await command(LOCK, name, holder, `${leaseMs}`))) return null;
      return {
        renew: async () => isYes(await command(RENEW, name, holder, `${leaseMs}`)),
        release: async () => void (await command(RELEASE, name, holder)),
      };
    },
  };
}

function isYes(answer: unknown): boolean {
  return answer === 1;
}

function script(text: string): StorageScript {
  return { text, sha: hash('sha1', text) };
}

const READ = script("return redis.call('GET', KEYS[1])");
const WRITE = script("return redis.call('SET', KEYS[1], ARGV[1])");
const CREATE = script("return redis.call('SETNX', KEYS[1], ARGV[1])");
const REMOVE = script("return redis.call('DEL', KEYS[1])");
const LOCK = script(
  "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 else return 0 end",
);
const RENEW = script(
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end",
);
const RELEASE = script(
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end",
);
