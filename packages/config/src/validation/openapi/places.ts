import { isObject, memberOf } from '../json.ts';
import { below } from '../json-pointer.ts';
import type { Place } from './document-set.ts';

/** A member of what is at a place; null without one. */
export function memberPlace({ uri, pointer, value }: Place, name: string): Place | null {
  const member = Array.isArray(value) ? value[Number(name)] : memberOf(value, name);
  return member === undefined ? null : { uri, pointer: below(pointer, name), value: member };
}

/** All that is in a member: the values of an object, or the items of a list. */
export function memberPlaces(place: Place, name: string): (Place & { readonly key: string })[] {
  const member = memberPlace(place, name);
  if (member === null || !(isObject(member.value) || Array.isArray(member.value))) return [];
  return Object.entries(member.value).map(([key, value]: [string, unknown]) => ({
    key,
    uri: member.uri,
    pointer: below(member.pointer, key),
    value,
  }));
}
