/** Where a secret stands. A sealed value is good only there: nobody can move it to where it would be shown or used otherwise. */
export interface Place {
  /** Of an object, or another word for what is none. */
  readonly kind: string;
  readonly name: string;
  /** RFC 6901, from the root of the object's document. */
  readonly pointer: string;
}

/** The kind of what gateways share: no kind of objects is called so. */
export const SHARED_KIND = 'shared';

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
