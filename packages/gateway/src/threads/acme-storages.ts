import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import type { AcmeStorageConfig, RedisConfig } from '@turnpike/config';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import { folderStorage } from '../acme/folder-storage.ts';
import { redisStorage, type RunScript } from '../acme/redis-storage.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { Deadline, TimingWheel } from '../core/timing-wheel.ts';
import { RedisLink } from '../stores/redis/redis-link.ts';
import { redisOpener } from '../stores/redis/redis-opener.ts';

/** For one answer of Redis; nobody waits for it but a certificate. */
const ANSWER_MS = 2000;

/** The storages that a configuration of ACME may name. */
export class AcmeStorages {
  readonly #log: Log;
  readonly #own: AcmeStorage;
  readonly #database: AcmeStorage | null;
  readonly #wheel = new TimingWheel(() => systemClock.now());
  #stopWheel: (() => void) | null = null;
  #config: RedisConfig | null = null;
  #link: RedisLink | null = null;

  /** `database`: null where nobody steers the gateway. */
  constructor(
    stateDirectory: string,
    { log, database }: { readonly log: Log; readonly database: AcmeStorage | null },
  ) {
    this.#log = log;
    this.#database = database;
    this.#own = folderStorage(join(stateDirectory, 'acme'), systemClock, 'own');
  }

  /** Takes over a configuration, before its certificates are asked for. */
  use(redis: RedisConfig | null): void {
    if (isDeepStrictEqual(redis, this.#config)) return;
    this.#closeLink();
    this.#config = redis;
  }

  of(config: AcmeStorageConfig): AcmeStorage {
    if (config.kind === 'state') return this.#own;
    if (config.kind === 'folder') return folderStorage(config.path, systemClock, 'shared');
    if (config.kind === 'redis') return redisStorage(this.#run);
    if (this.#database === null) throw new Error('only a gateway with a control plane has a database');
    return this.#database;
  }

  close(): void {
    this.#closeLink();
    this.#stopWheel?.();
  }

  readonly #run: RunScript = async (script, keys, args) => {
    const { link, keyPrefix } = this.#linked();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const tooLate = new Deadline(() => {
      reject(new Error('Redis does not answer'));
      link.renew();
    });
    this.#wheel.touch();
    this.#wheel.set(tooLate, ANSWER_MS);
    try {
      const prefixed = keys.map((key) => keyPrefix + key);
      link.run(script, prefixed, args).then(resolve, reject);
      return await promise;
    } finally {
      this.#wheel.remove(tooLate);
    }
  };

  /** Connected when it is first needed, with the settings that are in use now: keepers outlive those of Redis. */
  #linked(): { readonly link: RedisLink; readonly keyPrefix: string } {
    const config = this.#config;
    if (config === null) throw new Error('there is no Redis in the configuration');
    this.#stopWheel ??= this.#wheel.start();
    this.#link ??= new RedisLink(redisOpener(config), { timers: this.#wheel, log: this.#log });
    return { link: this.#link, keyPrefix: config.keyPrefix };
  }

  #closeLink(): void {
    const link = this.#link;
    this.#link = null;
    link
      ?.close(ANSWER_MS)
      .catch((error: unknown) => this.#log.warn('a connection to Redis did not close', { error }));
  }
}
