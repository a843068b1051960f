import type { Headers } from './headers.ts';

/** The value of a field that may come once; undefined without one, null when there are several: nobody can tell which is meant. */
export function onlyField({ names, values }: Headers, lower: string): string | null | undefined {
  let value: string | undefined;
  for (let i = 0; i < names.length; i++) {
    if (names[i]?.lower !== lower) continue;
    if (value !== undefined) return null;
    value = values[i] ?? '';
  }
  return value;
}
