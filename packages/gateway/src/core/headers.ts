import { END_TO_END, headerName, NOT_FORWARDED, type HeaderName } from './header-names.ts';

/**
 * The fields of a message in the order, spelling and repetition in which they came (RFC 9110 §5.3).
 *
 * Two parallel arrays instead of an object per field: most messages are forwarded field by field and asked for
 * only two or three of them. Lookups take the lower-case name.
 */
export class Headers {
  names: HeaderName[];
  values: string[];
  /** The arrays belong to others as well: the first change copies them. */
  #isShared = false;

  /** The lines of `endToEndLines`, as long as they are known. */
  #lines: string | null = null;

  /** The flags of all its names together, or {@link UNKNOWN}. */
  #flags = UNKNOWN;

  constructor(names: HeaderName[] = [], values: string[] = []) {
    this.names = names;
    this.values = values;
  }

  get size(): number {
    return this.names.length;
  }

  /** The flags of all its names together: one look says that a message has none of the rare fields. */
  get flags(): number {
    if (this.#flags === UNKNOWN) this.#flags = this.names.reduce((all, { flags }) => all | flags, 0);
    return this.#flags;
  }

  /** First value of a field, or undefined. */
  get(lower: string): string | undefined {
    const { names } = this;
    for (let i = 0; i < names.length; i++) {
      if (names[i]?.lower === lower) return this.values[i];
    }
    return undefined;
  }

  has(lower: string): boolean {
    return this.get(lower) !== undefined;
  }

  /** All values of a field, joined as one list (RFC 9110 §5.2), or undefined. */
  getList(lower: string): string | undefined {
    let list: string | undefined;
    for (let i = 0; i < this.names.length; i++) {
      if (this.names[i]?.lower !== lower) continue;
      list = list === undefined ? this.values[i] : `${list}, ${this.values[i]}`;
    }
    return list;
  }

  /** The same fields without a copy, until one of the two is changed. */
  share(): Headers {
    const other = new Headers(this.names, this.values);
    other.#lines = this.#lines;
    other.#flags = this.#flags;
    other.#isShared = true;
    this.#isShared = true;
    return other;
  }

  /**
   * The fields that go on, as lines of a message. Framing, hop-by-hop and forwarding fields are left out: every head that
   * goes on gets its own (RFC 9110 §7.6.1).
   */
  endToEndLines(): string {
    if (this.#lines !== null) return this.#lines;
    const { names, values } = this;
    let lines = '';
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name !== undefined && (name.flags & NOT_FORWARDED) === 0) lines += `${name.line}${values[i]}\r\n`;
    }
    this.#lines = lines;
    return lines;
  }

  /** Tells the end-to-end lines and the flags, for a parser that has them at hand. Any change forgets them. */
  note(lines: string, flags: number): void {
    this.#lines = lines;
    this.#flags = flags;
  }

  /** Adds a field after the others. The caller answers for a name that is a token and a value without control bytes. */
  append(spelling: string, value: string): this {
    this.appendNamed(headerName(spelling), value);
    return this;
  }

  appendNamed(name: HeaderName, value: string): void {
    if (this.#isShared) this.#own();
    this.names.push(name);
    this.values.push(value);
    if (this.#flags !== UNKNOWN) this.#flags |= name.flags;
    const isForwarded = (name.flags & NOT_FORWARDED) === 0;
    if (this.#lines !== null && isForwarded) this.#lines += `${name.line}${value}\r\n`;
  }

  /** Replaces every field of that name by one. */
  set(spelling: string, value: string): this {
    this.delete(headerName(spelling).lower);
    return this.append(spelling, value);
  }

  delete(lower: string): void {
    if (!this.has(lower)) return;
    if (this.#isShared) this.#own();
    let kept = 0;
    this.#lines = null;
    this.#flags = UNKNOWN;
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i];
      if (name === undefined || name.lower === lower) continue;
      this.names[kept] = name;
      this.values[kept] = this.values[i] ?? '';
      kept++;
    }
    this.names.length = kept;
    this.values.length = kept;
  }

  /** Removes all fields that have one of these flags, of which every request may have one. Lines that are known stay so. */
  deleteFlagged(flags: number): void {
    if (this.#isShared) this.#own();
    let kept = 0;
    const { names, values } = this;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const value = values[i] ?? '';
      if (name === undefined) continue;
      if ((name.flags & flags) !== 0) {
        this.#cutLine(`${name.line}${value}\r\n`);
        continue;
      }
      names[kept] = name;
      values[kept] = value;
      kept++;
    }
    names.length = kept;
    values.length = kept;
    this.#flags = UNKNOWN;
  }

  /** Where it begins as a line, and not as the end of another. */
  #cutLine(line: string): void {
    const lines = this.#lines;
    if (lines === null) return;
    const at = lines.startsWith(line) ? 0 : lines.indexOf(`\r\n${line}`) + 2;
    if (at === 1) this.#lines = null;
    else this.#lines = lines.slice(0, at) + lines.slice(at + line.length);
  }

  #own(): void {
    this.names = [...this.names];
    this.values = [...this.values];
    this.#isShared = false;
  }
}

/** No flags are that. */
const UNKNOWN = -1;

/** Removes the fields that `Connection` names, as far as it may take them away (RFC 9110 §7.6.1). */
export function deleteNamed(headers: Headers, names: readonly string[]): void {
  for (const name of names) {
    if ((headerName(name).flags & END_TO_END) === 0) headers.delete(name);
  }
}

/** Headers from pairs of spelling and value. */
export function headersOf(...fields: readonly (readonly [string, string])[]): Headers {
  const headers = new Headers();
  for (const [spelling, value] of fields) headers.append(spelling, value);
  return headers;
}
