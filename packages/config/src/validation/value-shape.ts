import { isObject, listAt, memberOf, objectAt } from './json.ts';
import { lazy } from './lazy.ts';
import type { DocumentSet } from './openapi/document-set.ts';
import { alternativesOf, type OpenSchema, type SchemaPlace } from './openapi/schema-closure.ts';

/**
 * What a value may be, as far as it has to be known to read it from text: parameters and forms have no types of their own.
 * All alternatives of a schema together; whether the value is right is for the schema to say.
 */
export interface ValueShape {
  /** Names of the types of JSON Schema; none: not said. */
  readonly types: ReadonlySet<string>;
  /** Of the items, if it is a list. */
  items(): ValueShape;
  /** The properties that have a name, if it is an object. */
  readonly names: ReadonlySet<string>;
  /** Of a property; of others that the schema allows, for a name that it does not have. */
  property(name: string): ValueShape;
  /** Whether there may be properties of other names. */
  readonly isOpen: boolean;
}

/** Whether it can be nothing but a list. */
export function isList({ types }: ValueShape): boolean {
  return types.has('array') && !SCALARS.some((type) => types.has(type));
}

/** Whether it can be nothing but an object. */
export function isRecord({ types }: ValueShape): boolean {
  return types.has('object') && !types.has('array') && !SCALARS.some((type) => types.has(type));
}

const SCALARS = ['string', 'number', 'integer', 'boolean'];

/** What the values of some schemas may be. Looks no deeper than it is asked, and once. */
export function shapeOf(schemas: readonly SchemaPlace[], documents: DocumentSet): ValueShape {
  const all = alternativesOf(schemas, documents);
  const below = (keyword: string): SchemaPlace[] =>
    all.map(({ value, uri }) => ({ value: memberOf(value, keyword), uri }));
  const items = lazy(() => shapeOf([...below('items'), ...listItems(all)], documents));
  const others = lazy(() => shapeOf(below('additionalProperties'), documents));
  const properties = new Map(
    propertyNames(all).map((name) => [name, lazy(() => shapeOf(propertyOf(all, name), documents))]),
  );
  return {
    types: new Set(all.flatMap(typesOf)),
    items,
    names: new Set(properties.keys()),
    property: (name) => properties.get(name)?.() ?? others(),
    isOpen: !all.some(({ value }) => value['additionalProperties'] === false),
  };
}

function propertyNames(schemas: readonly OpenSchema[]): string[] {
  return [...new Set(schemas.flatMap(({ value }) => Object.keys(objectAt(value, 'properties'))))];
}

function propertyOf(schemas: readonly OpenSchema[], name: string): SchemaPlace[] {
  return schemas.map(({ value, uri }) => ({ value: memberOf(objectAt(value, 'properties'), name), uri }));
}

function listItems(schemas: readonly OpenSchema[]): SchemaPlace[] {
  return schemas.flatMap(({ value, uri }) =>
    listAt(value, 'prefixItems').map((item) => ({ value: item, uri })),
  );
}

function typesOf({ value }: OpenSchema): string[] {
  const { type } = value;
  if (typeof type === 'string') return value['nullable'] === true ? [type, 'null'] : [type];
  if (Array.isArray(type)) return type.filter((name) => typeof name === 'string');
  if ('const' in value) return [typeName(value['const'])];
  if (Array.isArray(value['enum'])) return value['enum'].map(typeName);
  if (isObject(value['properties'])) return ['object'];
  return 'items' in value || 'prefixItems' in value ? ['array'] : [];
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
