import { UsageError } from '../../exit-codes.ts';

/** Kinds of objects as the admin API has them in its paths. */
export const KINDS = [
  'services',
  'routes',
  'apis',
  'consumers',
  'identity-providers',
  'lists',
  'certificates',
] as const;

/** The kind that a user means: `routes`, `route` or `identityProviders`. */
export function kindOf(word: string): (typeof KINDS)[number] {
  const plain = word.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const found = KINDS.find((kind) => kind === plain || kind === `${plain}s`);
  if (found === undefined) throw new UsageError(`there is no kind "${word}"; there are ${KINDS.join(', ')}`);
  return found;
}

/** The section of a configuration that has objects of a kind. */
export function sectionOf(kind: (typeof KINDS)[number]): string {
  return kind === 'identity-providers' ? 'identityProviders' : kind;
}
