/** Where counters are shared between gateways. Holds secrets. */
export interface StoresConfig {
  readonly redis: RedisConfig | null;
  readonly cache: CacheStoreConfig;
  /** `null`: everything stands in files. */
  readonly database: DatabaseConfig | null;
}

/** What is steered over the admin API. Holds secrets. */
export interface DatabaseConfig {
  /** `sqlite:` and an absolute path, or `postgres://` with user and password. */
  readonly databaseUrl: string;
  /** The first encrypts, all decrypt. */
  readonly encryptionKeys: readonly string[];
  readonly pollMs: number;
  /** For one answer. */
  readonly timeoutMs: number;
  /** What `${…}` in objects may name: variables, by name or by the beginning of names and `*`, and files below directories. */
  readonly references: { readonly env: readonly string[]; readonly files: readonly string[] };
  /** Directories of files that objects may name. */
  readonly files: readonly string[];
}

/** Where responses are kept that no route keeps apart. */
export interface CacheStoreConfig {
  readonly sizeBytes: number;
  /** `null`: a restart begins empty. */
  readonly warmStart: WarmStartConfig | null;
}

/** Where what is in the memory waits for the next start. */
export interface WarmStartConfig {
  /** Absolute. */
  readonly path: string;
  readonly mostBytes: number;
  readonly everyMs: number;
}

/** Redis 6.2 or newer, or Valkey. Holds secrets. */
export interface RedisConfig {
  /** One server; several nodes of a cluster; or sentinels, which know the master by `master`. */
  readonly mode: 'single' | 'cluster' | 'sentinel';
  /** `redis://` or `rediss://`, with user and password. */
  readonly urls: readonly string[];
  readonly master: string | null;
  /** Absolute path of a PEM file, for `rediss://`; null: the authorities that Node.js knows. */
  readonly authorities: string | null;
  readonly keyPrefix: string;
  /** For one answer. */
  readonly timeoutMs: number;
}
