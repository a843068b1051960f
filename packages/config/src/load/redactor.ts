/** Knows the values of secrets, and takes them out of texts that people will see. */
export interface Redactor {
  /** Everything that `${env:…}` and `${file:…}` gave. Defaults in the configuration are not secret. */
  readonly secrets: ReadonlySet<string>;
  /** The text with every secret of at least four characters replaced by `***`. */
  readonly redact: (text: string) => string;
}

/** Shorter values are in every text by chance: replacing `1` would hide nothing and garble everything. */
const MIN_LENGTH = 4;

/** Makes a redactor. Longer secrets go first, because one may contain another. */
export function createRedactor(values: Iterable<string>): Redactor {
  const secrets = new Set(values);
  const hidden = [...secrets]
    .filter((secret) => secret.length >= MIN_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  return {
    secrets,
    redact: (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), text),
  };
}
