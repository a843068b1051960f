import type { ObjectRef } from './objects.ts';

/** Where a secret stands. A sealed value is good only there: nobody can move it to where it would be shown or used otherwise. */
export interface Place extends ObjectRef {
  /** RFC 6901, from the root of the object's document. */
  readonly pointer: string;
}

/** Keeps secrets unreadable for who has the database and not the keys. What `db/sealing.ts` makes. */
export interface Sealer {
  /** Gives text that says with which key it was sealed. Throws `NoSealingKey` when there is none. */
  seal(text: string, place: Place): string;
  /** Throws `CannotOpen` when the key is not there any more, or when it was sealed for another place or was changed. */
  open(sealed: string, place: Place): string;
  isSealed(text: string): boolean;
}

/** A secret is to be kept, and there is nothing to seal it with. */
export class NoSealingKey extends Error {
  override readonly name = 'NoSealingKey';
}

/** A sealed value cannot be read. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}
