import { textAt } from '../json.ts';
import type { Place } from './document-set.ts';
import { memberPlaces } from './places.ts';

/** What describes a parameter, after references. */
export interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  readonly place: Place;
}

/** Fields that other parts of a description are for: as parameters they say nothing (OpenAPI 3.2 §4.12.2). */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['accept', 'authorization', 'content-type']);

/** The parameters of an operation: its own, and those of its path that it does not replace. */
export function parametersOf(
  pathItem: Place,
  operation: Place,
  follow: (place: Place) => Place | null,
): DescribedParameter[] {
  const described = new Map<string, DescribedParameter>();
  for (const owner of [pathItem, operation]) {
    for (const written of memberPlaces(owner, 'parameters')) {
      const place = follow(written);
      if (place === null) continue;
      const [name, location] = [textAt(place.value, 'name'), textAt(place.value, 'in')];
      if (location === 'header' && NO_PARAMETERS.has(name.toLowerCase())) continue;
      described.set(`${location} ${name}`, { name, in: location, place });
    }
  }
  return [...described.values()];
}
