import type { Fields } from '@turnpike/sdk';
import { headerName, NOT_FORWARDED } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { isFieldValue } from '../../core/http/field-value.ts';
import { isToken } from '../../core/http/token.ts';

/** Who has the fields that are shown: they are others after the first change, because stages may share them. */
export interface FieldsOwner {
  headers: Headers;
}

/** The fields of a message as a plugin sees them: whatever it sets is checked, because what goes on is written as it is. */
export class FieldsView implements Fields {
  readonly #owner: FieldsOwner;
  /** What was copied for this plugin; stages inside may have put others in its place. */
  #own: Headers | null = null;

  constructor(owner: FieldsOwner) {
    this.#owner = owner;
  }

  get(name: string): string | undefined {
    return this.#owner.headers.getList(name.toLowerCase());
  }

  all(name: string): readonly string[] {
    const { names, values } = this.#owner.headers;
    const lower = name.toLowerCase();
    return values.filter((_, index) => names[index]?.lower === lower);
  }

  has(name: string): boolean {
    return this.#owner.headers.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    checkField(name, value);
    this.#changed().set(name, value);
  }

  append(name: string, value: string): void {
    checkField(name, value);
    this.#changed().append(name, value);
  }

  delete(name: string): void {
    this.#changed().delete(name.toLowerCase());
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, string]> {
    const { names, values } = this.#owner.headers;
    for (const [index, { spelling }] of [...names].entries()) yield [spelling, values[index] ?? ''];
  }

  #changed(): Headers {
    if (this.#owner.headers !== this.#own) this.#own = this.#owner.headers = this.#owner.headers.share();
    return this.#own;
  }
}

/** Throws for what must not get into a head. The message has the name, never the value. */
export function checkField(name: string, value: unknown): asserts value is string {
  if (typeof name !== 'string' || !isToken(name))
    throw new TypeError(`${JSON.stringify(name)} is no name of a header field`);
  if (typeof value !== 'string') throw new TypeError(`the value of ${name} is no text`);
  if (!isFieldValue(value))
    throw new TypeError(
      `the value of ${name} has characters that no header field may have: line breaks, control characters, white space at its ends or letters beyond Latin-1`,
    );
  if ((headerName(name).flags & NOT_FORWARDED) !== 0)
    throw new TypeError(`${name} is written by the gateway alone`);
}
