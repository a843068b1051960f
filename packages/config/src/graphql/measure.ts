import type { GraphqlDocument } from './document.ts';
import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  type FieldNode,
  type ObjectType,
  type OperationDefinitionNode,
  type OutputType,
  type SelectionSetNode,
} from './graphql-engine.ts';
import type { FieldPrice, OpenSchema } from './schema.ts';

/** What an operation asks of a service. Fragments count wherever they are spread. */
export interface Measures {
  /** Of fields: `{ a { b } }` is 2. */
  readonly depth: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Work that it may be, in units of about one object. */
  readonly cost: number;
  /** Whether it asks for the schema itself. */
  readonly introspects: boolean;
}

/** How operations are measured. */
export interface MeasurePlan {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Entries of a list that nothing is said of. */
  readonly listSize: number;
  /** Without one, lists are known by their arguments only. */
  readonly schema: OpenSchema | null;
}

/** What a mutation costs beside what it gives back. */
const MUTATION_COST = 10;
/** Arguments that say how long a list may be, where no schema says it. */
const SLICING = new Set(['first', 'last', 'limit', 'take', 'top', 'pageSize', 'perPage', 'size', 'count']);
/** Beyond it nothing is distinguished. */
const MAX_COST = 1e15;

const NOTHING: Measures = {
  depth: 0,
  rootFields: 0,
  aliases: 0,
  directives: 0,
  cost: 0,
  introspects: false,
};

/**
 * Measures an operation, or says why it has no measure: a fragment that is not there, or spreads itself. Each fragment is
 * looked at once for each type and size that it is spread on, however often that is.
 */
export function measure(
  document: GraphqlDocument,
  operation: OperationDefinitionNode,
  plan: MeasurePlan,
): Measures | string {
  const root = plan.schema?.schema.getRootType(operation.operation) ?? null;
  const walk = new Walk(document, plan);
  const inside = walk.selections(operation.selectionSet, { type: root, size: null });
  if (walk.fault !== null) return walk.fault;
  const mutations = operation.operation === 'mutation' ? inside.rootFields * MUTATION_COST : 0;
  return {
    ...inside,
    directives: inside.directives + (operation.directives?.length ?? 0),
    cost: inside.cost + mutations,
  };
}

/** What is known of the object whose fields are selected. */
interface Place {
  /** Null: no schema, or no such type. */
  readonly type: ObjectType | null;
  /** How long the list in this object is, if its parent says so. */
  readonly size: { readonly length: number; readonly fields: readonly string[] } | null;
}

class Walk {
  fault: string | null = null;
  readonly #document: GraphqlDocument;
  readonly #plan: MeasurePlan;
  readonly #known = new Map<string, Measures>();
  readonly #open = new Set<string>();

  constructor(document: GraphqlDocument, plan: MeasurePlan) {
    this.#document = document;
    this.#plan = plan;
  }

  selections({ selections }: SelectionSetNode, place: Place): Measures {
    let all = NOTHING;
    for (const selection of selections) {
      if (this.fault !== null) return NOTHING;
      const directives = selection.directives?.length ?? 0;
      switch (selection.kind) {
        case 'Field':
          all = sum(all, this.#field(selection, place), directives);
          break;
        case 'InlineFragment': {
          const type = selection.typeCondition?.name.value;
          all = sum(
            all,
            this.selections(selection.selectionSet, type === undefined ? place : this.#as(place, type)),
            directives,
          );
          break;
        }
        case 'FragmentSpread':
          all = sum(all, this.#spread(selection.name.value, place), directives);
          break;
        default:
          selection satisfies never;
      }
    }
    return all;
  }

  #spread(name: string, place: Place): Measures {
    const fragment = this.#document.fragments.get(name);
    if (fragment === undefined) return this.#fail(`There is no fragment "${name}".`);
    if (this.#open.has(name)) return this.#fail(`The fragment "${name}" spreads itself.`);
    const at = this.#as(place, fragment.typeCondition.name.value);
    const key = `${name} ${at.size?.length} ${at.size?.fields.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#open.add(name);
    const found = this.selections(fragment.selectionSet, at);
    this.#open.delete(name);
    const directives = found.directives + (fragment.directives?.length ?? 0);
    const measures = { ...found, directives };
    this.#known.set(key, measures);
    return measures;
  }

  #field(field: FieldNode, place: Place): Measures {
    const name = field.name.value;
    const alias = field.alias === undefined ? 0 : 1;
    const own = { ...NOTHING, depth: 1, rootFields: 1, aliases: alias };
    if (name === '__schema' || name === '__type') return { ...own, introspects: true };
    const definition = place.type?.getFields()[name];
    const price = this.#plan.schema?.priceOf(definition?.astNode?.directives ?? []) ?? NO_PRICE;
    const { own: length, inside: size } = this.#length(field, definition?.type ?? null, price, place);
    const type = definition === undefined ? null : objectOf(definition.type);
    const isComposite = field.selectionSet !== undefined;
    const weight = price.weight ?? this.#weightOf(type) ?? (isComposite ? 1 : 0);
    if (field.selectionSet === undefined) return { ...own, cost: atMost(weight * length) };
    const inside = this.selections(field.selectionSet, { type, size });
    return {
      depth: inside.depth + 1,
      rootFields: 1,
      aliases: inside.aliases + alias,
      directives: inside.directives,
      cost: atMost((weight + inside.cost) * length),
      introspects: inside.introspects,
    };
  }

  #weightOf(type: ObjectType | null): number | null {
    return this.#plan.schema?.priceOf(type?.astNode?.directives ?? []).weight ?? null;
  }

  /** How many of it there may be, and how long the list inside of it is. */
  #length(
    field: FieldNode,
    type: OutputType | null,
    { listSize }: FieldPrice,
    place: Place,
  ): { readonly own: number; readonly inside: Place['size'] } {
    const asked = this.#asked(field, listSize?.slicingArguments ?? []) ?? listSize?.assumedSize ?? null;
    const sized = listSize?.sizedFields ?? [];
    if (sized.length > 0) return { own: 1, inside: { length: asked ?? this.#plan.listSize, fields: sized } };
    if (type === null) return { own: asked ?? 1, inside: null };
    if (isList(type)) {
      const { size } = place;
      const isSized = size !== null && (size.fields.length === 0 || size.fields.includes(field.name.value));
      return { own: asked ?? (isSized ? size.length : this.#plan.listSize), inside: null };
    }
    // A connection: the list is one of its fields.
    return { own: 1, inside: asked === null ? null : { length: asked, fields: [] } };
  }

  /** The largest of the arguments that say how long a list may be. */
  #asked({ arguments: given = [] }: FieldNode, slicing: readonly string[]): number | null {
    let most: number | null = null;
    for (const { name, value } of given) {
      if (slicing.length > 0 ? !slicing.includes(name.value) : !SLICING.has(name.value)) continue;
      const length = this.#integer(value);
      if (length !== null) most = Math.max(most ?? 0, length);
    }
    return most;
  }

  #integer(value: NonNullable<FieldNode['arguments']>[number]['value']): number | null {
    // More digits than a number has are infinite, and that times nothing is no number.
    if (value.kind === 'IntValue') return atMost(Math.max(0, Number(value.value)));
    if (value.kind !== 'Variable') return null;
    const { variables } = this.#plan;
    const name = value.name.value;
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return typeof given === 'number' && Number.isFinite(given) ? Math.max(0, given) : null;
  }

  #as(place: Place, typeName: string): Place {
    const type = this.#plan.schema?.schema.getType(typeName);
    return type === undefined ? place : { ...place, type: objectOf(type as OutputType) };
  }

  #fail(message: string): Measures {
    this.fault ??= message;
    return NOTHING;
  }
}

const NO_PRICE: FieldPrice = { weight: null, listSize: null };

function sum(a: Measures, b: Measures, directives: number): Measures {
  return {
    depth: Math.max(a.depth, b.depth),
    rootFields: a.rootFields + b.rootFields,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives + directives,
    cost: atMost(a.cost + b.cost),
    introspects: a.introspects || b.introspects,
  };
}

function atMost(cost: number): number {
  return Math.min(cost, MAX_COST);
}

function isList(type: OutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** The type whose fields may be selected; a union has none of its own. */
function objectOf(type: OutputType): ObjectType | null {
  const named = getNamedType(type);
  return isCompositeType(named) && 'getFields' in named ? (named as ObjectType) : null;
}
