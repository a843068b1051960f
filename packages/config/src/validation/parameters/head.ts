import { pairsOf, type Pairs } from './query-pairs.ts';

/** What the head of a message says, where descriptions look. */
export interface Head {
  /** Values of the parameters of the path, percent-encoded, in their order. */
  readonly params: readonly string[];
  /** With its leading `?`, or `''`. */
  readonly query: string;
  /** All fields of a name (in lower case), joined by commas; undefined without any. */
  header(name: string): string | undefined;
  /** All cookies of a name. */
  cookies(name: string): readonly string[];
}

/** A head that is read parameter by parameter: its query is taken apart once. */
export class HeadReader {
  readonly #head: Head;
  #pairs: Pairs | null = null;

  constructor(head: Head) {
    this.#head = head;
  }

  get pairs(): Pairs {
    return (this.#pairs ??= pairsOf(this.query));
  }

  get query(): string {
    return this.#head.query.slice(1);
  }

  param(index: number): string {
    return this.#head.params[index] ?? '';
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  cookies(name: string): readonly string[] {
    return this.#head.cookies(name);
  }
}
