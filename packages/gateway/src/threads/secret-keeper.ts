import type { Redactor } from '@turnpike/config/load';

/** Knows the secrets of the configuration in use and of the one loaded last, which may have been refused. */
export class SecretKeeper {
  #inUse: Redactor;
  #latest: Redactor;

  constructor(first: Redactor) {
    this.#inUse = first;
    this.#latest = first;
  }

  loaded(secrets: Redactor): void {
    this.#latest = secrets;
  }

  used(secrets: Redactor): void {
    this.#inUse = secrets;
  }

  /** The text with the secrets of both taken out. */
  readonly redact = (text: string): string => this.#latest.redact(this.#inUse.redact(text));
}
