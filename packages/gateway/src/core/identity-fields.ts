import { ownHeaderName, type HeaderName } from './header-names.ts';
import type { Identity } from './identity.ts';
import { fieldValue, listValue } from './http/safe-value.ts';

/** A field of ours with its value. */
export type IdentityField = readonly [name: HeaderName, value: string];

/** What a service is told of a caller, in this order. A field with nothing to say is left out. */
const FIELDS: readonly (readonly [name: HeaderName, text: (identity: Identity) => string | null])[] = [
  [ownHeaderName('X-Identity-Subject'), ({ subject }) => fieldValue(subject)],
  [ownHeaderName('X-Identity-Provider'), ({ provider }) => fieldValue(provider)],
  [ownHeaderName('X-Identity-Consumer'), ({ consumer }) => fieldValue(consumer)],
  [ownHeaderName('X-Identity-Client'), ({ clientId }) => fieldValue(clientId)],
  [ownHeaderName('X-Identity-Scopes'), ({ scopes }) => listValue(scopes)],
  [ownHeaderName('X-Identity-Plan'), ({ plan }) => fieldValue(plan)],
];

/** Remembered identities are the same objects again and again; the fields go when they go. */
const known = new WeakMap<Identity, readonly IdentityField[]>();

/** The fields that tell somebody behind us who is calling; null when they do not fit into a head. */
export function identityFields(identity: Identity): readonly IdentityField[] | null {
  const before = known.get(identity);
  if (before !== undefined) return before;
  const fields: IdentityField[] = [];
  for (const [name, text] of FIELDS) {
    const value = text(identity);
    if (value === null) return null;
    if (value !== '') fields.push([name, value]);
  }
  known.set(identity, fields);
  return fields;
}
