/** Text for a column: PostgreSQL takes every character but one. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

/** A pattern for `like … escape '\'` that finds a text anywhere, whatever its case. */
export function anywhere(text: string): string {
  return `%${storable(text)
    .toLowerCase()
    .replaceAll(/[%_\\]/g, (sign) => `\\${sign}`)}%`;
}
