import { Validator } from '@seriousme/openapi-schema-validator';
import type { JsonObject } from '../json.ts';
import { below } from '../json-pointer.ts';
import { relevantFaults } from './relevant.ts';

// The only file that knows the library behind the structure of OpenAPI documents.

/** Something in a document that the specification does not allow. */
export interface StructureFault {
  readonly keyword: string;
  readonly pointer: string;
  /** Completes "The value …". */
  readonly message: string;
}

/** What the library says of a fault. */
type Told = Exclude<Awaited<ReturnType<Validator['validate']>>['errors'], string | undefined>[number];

/** Compares a document with the schema of its version of OpenAPI. References are not followed. */
export async function structureFaults(document: JsonObject): Promise<readonly StructureFault[]> {
  const { errors } = await new Validator({ allErrors: true, logger: false }).validate(document);
  // A text is about references, of which it knows only those within the document.
  if (errors === undefined || typeof errors === 'string') return [];
  // That everything could be a reference instead helps nobody.
  return relevantFaults(errors.filter(({ params }) => params['missingProperty'] !== '$ref').map(faultOf));
}

function faultOf({ keyword, instancePath, params, message = '' }: Told): StructureFault {
  const name: unknown = params['unevaluatedProperty'] ?? params['additionalProperty'];
  return typeof name === 'string'
    ? { keyword, pointer: below(instancePath, name), message: 'cannot stand here' }
    : { keyword, pointer: instancePath, message };
}
