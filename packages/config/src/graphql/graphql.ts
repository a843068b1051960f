/** The door: GraphQL documents, what they cost, and the files that name them. Loaded only where a route speaks GraphQL. */
export { isTooLong, openDocument, operationOf, type GraphqlDocument } from './document.ts';
export { measure, type Measures, type MeasurePlan } from './measure.ts';
export { operationVariables, type OperationVariable } from './variables.ts';
export {
  manifestTexts,
  namedOperation,
  persistedOperations,
  type NamedOperation,
  type PersistedOperations,
} from './persisted.ts';
export { rootFields } from './root-fields.ts';
export { openSchema, type OpenSchema } from './schema.ts';
