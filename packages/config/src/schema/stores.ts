import { size } from './size.ts';
import {
  duration,
  either,
  flag,
  list,
  notation,
  optional,
  orElse,
  secret,
  secretNotation,
  section,
  text,
  word,
} from './typebox.ts';

const url = secretNotation(
  'redisUrl',
  '`redis://` or `rediss://`, best with its password from `${env:NAME}`.',
);

const redis = section('Redis 6.2 or newer, or Valkey.', {
  url: either('A server; or several nodes of a cluster, or sentinels.', url, list('Several.', url)),
  cluster: orElse(flag('Whether it is a cluster.'), false),
  sentinel: optional(word('The name of the master that the sentinels at `url` know.')),
  authorities: optional(
    word('A PEM file with the authorities that vouch for `rediss://`. Those that Node.js knows by default.'),
  ),
  keyPrefix: orElse(text('In front of every key.'), 'turnpike:'),
  timeout: orElse(duration('For one answer.'), '50ms'),
});

const warmStart = section('Keeps what is in the memory for the next start.', {
  file: word('Where. A path is relative to the file that names it; others must not be able to write there.'),
  size: orElse(size('What is asked for most, up to so much.', 2 ** 20, 2 ** 36), '256MiB'),
  every: orElse(duration('How often it is written, beside when the gateway stops.'), '5m'),
});

const cache = section('The memory in which responses are kept; one for all threads.', {
  size: orElse(size('It grows up to so much.', 2 ** 20, 2 ** 36), '128MiB'),
  warmStart: optional(warmStart),
});

const references = section('What references of objects may name. Nothing unless it is written here.', {
  env: orElse(
    list(
      'Variables of the environment.',
      notation('environmentNames', 'A name, or the beginning of names and `*`: `TURNPIKE_*`.'),
    ),
    [],
  ),
  files: orElse(
    list(
      'Files of `${file:…}`: all below these directories; names are relative to the first.',
      word('A directory.'),
    ),
    [],
  ),
});

/** Known apart, because a loader has to know what objects may name before it reads all. */
export const database = section('What is steered over the admin API: objects, revisions, keys, the fleet.', {
  url: secretNotation(
    'databaseUrl',
    '`sqlite:` and a file, for one gateway; `postgres://` for several, best with its password from `${env:NAME}`. A path is relative to the file that names it.',
  ),
  encryption: orElse(
    section('How secrets in the database are kept.', {
      keys: orElse(
        list(
          'The first encrypts, all decrypt. Without any, SQLite has a key in a file beside it, and PostgreSQL takes no secrets.',
          secret('At least 32 characters, such as `openssl rand -hex 32` gives.', 32),
        ),
        [],
      ),
    }),
    {},
  ),
  poll: orElse(duration('How often it is asked for changes, beside what it tells by itself.'), '5s'),
  timeout: orElse(duration('For one answer.'), '2s'),
  references: orElse(references, {}),
  files: orElse(
    list(
      'Files that objects may name, such as `openapi` and `tls.authorities`: all below these directories; names are relative to the first. Without any, objects name no files.',
      word('A directory.'),
    ),
    [],
  ),
});

/** What gateways share, and what one keeps. */
export const stores = section('What gateways share, and what one keeps.', {
  cache: orElse(cache, {}),
  redis: optional(redis),
  database: optional(database),
});
