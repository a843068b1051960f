import { memberOf, objectAt } from '../json.ts';
import type { DocumentSet } from './document-set.ts';
import { ingredientsOf, type SchemaPlace } from './schema-closure.ts';

/** What properties are marked with that must not be sent: `readOnly` in requests, `writeOnly` in responses. */
export type Refused = 'readOnly' | 'writeOnly';

/**
 * Whether a property that a schema requires is required in this direction: one that must not be sent is required in the other
 * only (OpenAPI 3.0.3 §4.7.24.1).
 */
export function mayBeRequired(
  name: string,
  schema: SchemaPlace,
  documents: DocumentSet,
  refused: Refused,
): boolean {
  return !ingredientsOf([schema], documents).some(({ value, uri }) => {
    const property = memberOf(objectAt(value, 'properties'), name);
    const marked = ingredientsOf([{ value: property, uri }], documents);
    return marked.some((ingredient) => ingredient.value[refused] === true);
  });
}
