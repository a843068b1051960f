import type { MessageCodec } from '../../../core/grpc-schema.ts';
import type { Json } from '../../../core/identity.ts';

/** An object of a document. */
export type JsonObject = Readonly<Record<string, Json>>;

const DEFINITIONS = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

/** The schemas of messages, each once for the whole document. */
export class OpenApiSchemas {
  readonly #schemas = new Map<string, JsonObject>();

  /** A reference to the schema of a message. */
  reference(codec: MessageCodec): JsonObject {
    this.of(codec);
    return { $ref: COMPONENTS + codec.typeName };
  }

  /** The schema of a message itself. */
  of(codec: MessageCodec): JsonObject {
    const known = this.#schemas.get(codec.typeName);
    if (known !== undefined) return known;
    const { $schema: _, $defs, ...root } = objectOf(codec.jsonSchema());
    for (const [name, schema] of Object.entries(objectOf($defs))) this.#add(name, schema);
    return this.#add(codec.typeName, root);
  }

  /** What a reference leads to, or the schema itself. */
  resolved(schema: JsonObject): JsonObject {
    const { $ref } = schema;
    const name = typeof $ref === 'string' ? $ref.slice(COMPONENTS.length) : '';
    return this.#schemas.get(name) ?? schema;
  }

  /** By name, in an order that does not depend on who came first. */
  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #add(name: string, schema: Json): JsonObject {
    const moved = objectOf(withReferences(schema));
    this.#schemas.set(name, moved);
    return moved;
  }
}

/** An object, or an empty one for all else. */
export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The same schema, whose definitions are components of the document. */
function withReferences(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withReferences(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, Json]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace(DEFINITIONS, COMPONENTS)]
        : [key, withReferences(inner)],
    ),
  );
}
