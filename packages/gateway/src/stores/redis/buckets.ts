import { hash } from 'node:crypto';
import type { RedisConfig } from '@turnpike/config';
import type { Charge } from '../../core/counters.ts';
import { Remembered } from '../../core/remembered.ts';
import type { LeaseKey } from './lease-places.ts';

/** A bucket, by all the names that it goes by. */
export interface Bucket {
  /** Its key in Redis. */
  readonly name: string;
  /** Buckets with the same group may be used in one call. */
  readonly group: string;
  readonly leaseKey: LeaseKey;
  readonly algorithm: Charge['limiter']['algorithm'];
}

/** Of each generation, in characters and what an entry takes besides. */
const REMEMBERED = 6_000_000;
const ENTRY = 250;

/**
 * Gives the buckets of charges.
 *
 * The hash tag of a key in Redis is a digest of the key that is limited, without the limit. So all limits of a request that
 * count by the same thing — so many a second and so many a day for each consumer — live in one slot of a cluster and are
 * decided in one step there; limits by different things are spread over the cluster, and a request that has several of those is
 * decided in several steps. A `keyPrefix` with a hash tag of its own puts everything into one slot.
 *
 * It is a digest because keys are what clients send, of any length, and addresses and credentials do not belong into a
 * store where everybody can list them.
 */
export class Buckets {
  readonly #prefix: string;
  readonly #hasGroups: boolean;
  readonly #leaseKey: (name: string) => LeaseKey;
  readonly #known = new Remembered<Bucket>(REMEMBERED, (key) => key.length + ENTRY);

  constructor({ keyPrefix, mode }: RedisConfig, leaseKey: (name: string) => LeaseKey) {
    this.#prefix = keyPrefix;
    this.#hasGroups = mode === 'cluster' && !/\{[^}]+\}/.test(keyPrefix);
    this.#leaseKey = leaseKey;
  }

  of({ limiter, key }: Charge): Bucket {
    const id = `${limiter.algorithm} ${limiter.id} ${key}`;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const tag = hash('sha256', key, 'base64url').slice(0, TAG_LENGTH);
    const name = `${this.#prefix}{${tag}}${limiter.algorithm}:${limiter.id}`;
    const bucket = {
      name,
      group: this.#hasGroups ? tag : '',
      // By a name that other gateways may tell us.
      leaseKey: this.#leaseKey(name),
      algorithm: limiter.algorithm,
    };
    this.#known.set(id, bucket);
    return bucket;
  }
}

/** 132 bits: two keys never share a bucket. */
const TAG_LENGTH = 22;
