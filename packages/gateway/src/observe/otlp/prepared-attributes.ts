import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { writeAttributes, type Attributes } from './otlp-values.ts';

/** Attributes that come again and again, and the bytes that they are in a span. */
export interface PreparedAttributes {
  readonly attributes: Attributes;
  readonly bytes: Uint8Array;
}

/** Field 9 of a `Span`. */
export const SPAN_ATTRIBUTES = 9;

/**
 * Attributes that were written down before, by a key of their values. None of these may be made up by a client; endpoints come and
 * go all the same: when there are {@link MOST}, it begins anew.
 */
export class AttributeMemory {
  readonly #known = new Map<string, PreparedAttributes>();
  readonly #writer = new WireWriter();

  get(key: string): PreparedAttributes | undefined {
    return this.#known.get(key);
  }

  keep(key: string, attributes: Attributes): PreparedAttributes {
    if (this.#known.size >= MOST) this.#known.clear();
    writeAttributes(this.#writer, SPAN_ATTRIBUTES, attributes);
    const prepared = { attributes, bytes: this.#writer.finish() };
    this.#known.set(key, prepared);
    return prepared;
  }
}

/** So many are kept. */
export const MOST = 1024;
