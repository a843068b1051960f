import { listOf, mapOf, timestamp, type Bindings, type Value } from './expression-engine.ts';
import {
  IDENTITY_FIELDS,
  REQUEST_FIELDS,
  RESPONSE_FIELDS,
  type Facts,
  type JsonRecord,
  type JsonValue,
  type Lookup,
} from './expression-facts.ts';

/** Items of a list, and names of a map, that expressions go through at most: callers have a hand in both. */
export const MAX_ITEMS = 500;

/** The variables of an expression, made of facts when it comes to them. */
export class FactBindings implements Bindings {
  readonly [name: string]: Value;
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  get request(): Value {
    const { request } = this.#facts;
    return fieldsOf(REQUEST_FIELDS, (name) => {
      const value = request[name];
      if (name === 'graphql') return mapOfRecord(request.graphql);
      return typeof value === 'string' ? value : mapOfLookup(value as Lookup);
    });
  }

  get identity(): Value {
    const { identity } = this.#facts;
    return identity === null ? null : fieldsOf(IDENTITY_FIELDS, (name) => valueOf(identity[name]));
  }

  get response(): Value {
    const { response } = this.#facts;
    if (response === undefined) return null;
    return fieldsOf(RESPONSE_FIELDS, (name) =>
      name === 'status' ? BigInt(response.status) : mapOfLookup(response.headers),
    );
  }

  get route(): Value {
    return this.#facts.route;
  }

  get now(): Value {
    return timestamp(this.#facts.now);
  }
}

/** The map of a closed list of fields. */
function fieldsOf<Name extends string>(fields: readonly Name[], value: (name: Name) => Value): Value {
  const get = (name: string): Value | undefined => {
    const field = fields.find((field) => field === name);
    return field === undefined ? undefined : value(field);
  };
  return mapOf(get, () => fields);
}

function mapOfLookup(lookup: Lookup): Value {
  return mapOf(
    (name) => lookup.get(name),
    () => bounded(lookup.names()),
  );
}

function mapOfRecord(record: JsonRecord): Value {
  const get = (name: string): Value | undefined => {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    return value === undefined ? undefined : valueOf(value);
  };
  return mapOf(get, () => bounded(Object.keys(record)));
}

/** A value of JSON for expressions. */
export function valueOf(json: JsonValue): Value {
  if (typeof json !== 'object' || json === null) return json;
  return isList(json) ? listOf(bounded(json).map(valueOf)) : mapOfRecord(json);
}

function isList(json: readonly JsonValue[] | JsonRecord): json is readonly JsonValue[] {
  return Array.isArray(json);
}

/** What is longer makes the evaluation fail: a part of it could give another result. */
function bounded<T>(items: readonly T[]): readonly T[] {
  if (items.length > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} items`);
  return items;
}
