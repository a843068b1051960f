import { flattened } from '../../../core/latin1.ts';
import { Remembered } from '../../../core/remembered.ts';

/** Bounded in number and length, because clients choose what they write. */
const MOST_REMEMBERED = 256;
const MOST_TEXT = 256;

/**
 * The same reader, which remembers what the last texts meant: clients and services say the same again and again. What it gives is
 * shared and frozen.
 */
export function rememberedReading<T extends object | string>(read: (text: string) => T): (text: string) => T {
  const known = new Remembered<T>(MOST_REMEMBERED);

  return (text) => {
    const meaning = known.get(text);
    if (meaning !== undefined) return meaning;
    const fresh = Object.freeze(read(text));
    // A copy of the text, because a slice would hold on to the head that it was cut from.
    if (text.length <= MOST_TEXT) known.set(flattened(text), fresh);
    return fresh;
  };
}
