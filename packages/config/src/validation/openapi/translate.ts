import { isObject, listAt, memberOf, objectAt, textAt, type JsonObject } from '../json.ts';
import { partsOfPointer } from '../json-pointer.ts';
import { withBoundLoops } from '../bound-loops.ts';
import { discriminated } from './discriminator.ts';
import { withParts, type Kind } from './document-parts.ts';
import { targetOf, type DocumentSet } from './document-set.ts';
import { mayBeRequired, type Refused } from './refused-properties.ts';
import { upgradedSchema } from './schema-30.ts';

/** Which language schemas are written in: that of a version of OpenAPI, or JSON Schema 2020-12. */
export type Dialect = '3.0' | '3.1' | '3.2' | 'schema';

/** How descriptions are made into schemas. */
export interface TranslationPlan {
  /** Of the main document; those that it refers to are in the same. */
  readonly dialect: Dialect;
  /** `null`: no property is refused for its direction. */
  readonly refused: Refused | null;
}

/**
 * A document and those that it refers to, with every schema in plain JSON Schema 2020-12, by their addresses. Everything stays in
 * its place, so that references need no change; what is no schema stays as it is.
 */
export function translatedDocuments(
  documents: DocumentSet,
  main: string,
  plan: TranslationPlan,
): ReadonlyMap<string, unknown> {
  return new Translation(documents, plan).of(main);
}

/** A place that something leads to, and what is expected there. */
interface Awaited {
  readonly uri: string;
  readonly pointer: string;
  readonly kind: Kind;
}

class Translation {
  readonly #documents: DocumentSet;
  readonly #plan: TranslationPlan;
  readonly #results = new Map<string, unknown>();
  readonly #seen = new Set<unknown>();
  readonly #awaited: Awaited[] = [];

  constructor(documents: DocumentSet, plan: TranslationPlan) {
    this.#documents = documents;
    this.#plan = plan;
  }

  /** The main document; and what references lead to, in it or in others, if nothing else has led there. */
  of(main: string): ReadonlyMap<string, unknown> {
    this.#awaited.push({
      uri: main,
      pointer: '',
      kind: this.#plan.dialect === 'schema' ? 'schema' : 'document',
    });
    for (let next = this.#awaited.pop(); next !== undefined; next = this.#awaited.pop()) {
      const { uri, pointer, kind } = next;
      const place = this.#documents.at(uri, pointer);
      if (place === null || this.#seen.has(place.value)) continue;
      const root = this.#results.get(uri) ?? this.#documents.root(uri);
      this.#results.set(
        uri,
        replaced(root, partsOfPointer(pointer), this.#translated(kind, place.value, uri)),
      );
    }
    return this.#results;
  }

  #translated(kind: Kind, value: unknown, uri: string): unknown {
    if (!isObject(value)) return value;
    this.#seen.add(value);
    this.#await(textAt(value, '$ref'), uri, kind);
    if (kind !== 'schema') return this.#withTranslatedParts(kind, value, uri);
    for (const target of Object.values(objectAt(memberOf(value, 'discriminator'), 'mapping')))
      if (typeof target === 'string') this.#await(target, uri, kind);
    const { dialect } = this.#plan;
    const schema = this.#withTranslatedParts(kind, dialect === '3.0' ? upgradedSchema(value) : value, uri);
    return withBoundLoops(dialect === 'schema' ? schema : this.#plainSchema(schema, value, uri));
  }

  #withTranslatedParts(kind: Kind, value: JsonObject, uri: string): JsonObject {
    return withParts(kind, value, (part) => this.#translated(part.kind, part.value, uri));
  }

  #await(reference: string, uri: string, kind: Kind): void {
    const target = reference === '' ? null : targetOf(reference, uri);
    if (target !== null) this.#awaited.push({ ...target, kind });
  }

  /** Without what only OpenAPI has. */
  #plainSchema(translated: JsonObject, original: JsonObject, uri: string): JsonObject {
    const { nullable: _nullable, ...schema } = discriminated(translated) ?? translated;
    const { refused } = this.#plan;
    if (refused === null || !Array.isArray(schema['required'])) return schema;
    const place = { value: original, uri };
    const required = listAt(schema, 'required').filter(
      (name) => typeof name !== 'string' || mayBeRequired(name, place, this.#documents, refused),
    );
    return { ...schema, required };
  }
}

/** A copy in which one place is replaced. */
function replaced(root: unknown, path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(root)) return root.with(Number(first), replaced(root[Number(first)], rest, value));
  if (!isObject(root)) return root;
  return Object.fromEntries(
    Object.entries(root).map(([key, member]) => [
      key,
      key === first ? replaced(member, rest, value) : member,
    ]),
  );
}
