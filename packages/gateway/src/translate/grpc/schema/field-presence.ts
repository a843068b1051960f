import type { DescField } from '@turnpike/config/descriptors';

/** `FeatureSet.FieldPresence` by its numbers. */
const WORDS = { 1: 'explicit', 2: 'implicit', 3: 'required' } as const;

/**
 * Whether a field that is zero differs from one that is absent (explicit) or not (implicit), or it must be there (required), as
 * the syntax, the edition and its features say. Of messages, lists and maps it says nothing that matters.
 */
export function presenceOf({ presence }: Pick<DescField, 'presence'>): (typeof WORDS)[1 | 2 | 3] {
  return WORDS[presence];
}
