/** Texts of certificates and keys, by absolute path. */
export type PemTexts = ReadonlyMap<string, string>;

/** The text of a file that was read. */
export function pemText(texts: PemTexts, path: string): string {
  const text = texts.get(path);
  if (text === undefined) throw new Error(`${path} was not read`);
  return text;
}
