/** For tests: reads JSON (RFC 8259) byte by byte, in another way than the code under test, and refuses what that should refuse. */
export function strictJson(bytes: string): { readonly value: unknown } | null {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { value: new StrictReader(text.decode(Buffer.from(bytes, 'latin1'))).document() };
  } catch {
    return null;
  }
}

const MAX_DEPTH = 200;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

class StrictReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value(0);
    this.#space();
    if (this.#at !== this.#text.length) throw new SyntaxError('there is more');
    return value;
  }

  #value(depth: number): unknown {
    this.#space();
    if (this.#takes('[')) return this.#list(depth + 1);
    if (this.#takes('{')) return this.#object(depth + 1);
    for (const [word, value] of Object.entries(WORDS)) if (this.#takes(word)) return value;
    const text = this.#match(STRING);
    if (text !== null) return JSON.parse(text);
    const number = this.#match(NUMBER);
    if (number === null) throw new SyntaxError('no value');
    return Number(number);
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#each(']', depth, () => items.push(this.#value(depth)));
    return items;
  }

  #object(depth: number): object {
    const members = new Map<string, unknown>();
    this.#each('}', depth, () => {
      this.#space();
      const name: unknown = JSON.parse(this.#match(STRING) ?? '');
      if (typeof name !== 'string' || members.has(name)) throw new SyntaxError('twice');
      this.#space();
      if (!this.#takes(':')) throw new SyntaxError('no colon');
      members.set(name, this.#value(depth));
    });
    return Object.fromEntries(members);
  }

  #each(close: string, depth: number, read: () => void): void {
    if (depth > MAX_DEPTH) throw new SyntaxError('too deep');
    this.#space();
    if (this.#takes(close)) return;
    do {
      read();
      this.#space();
    } while (this.#takes(','));
    if (!this.#takes(close)) throw new SyntaxError('not closed');
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #takes(word: string): boolean {
    const isThere = this.#text.startsWith(word, this.#at);
    if (isThere) this.#at += word.length;
    return isThere;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const [found = null] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }
}
