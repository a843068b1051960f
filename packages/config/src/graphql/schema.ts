import {
  RULES,
  buildSchema,
  SyntaxFault,
  validate,
  type ConstDirectiveNode,
  type Schema,
} from './graphql-engine.ts';
import type { GraphqlDocument } from './document.ts';

/** What the schema of a service says of the price of one of its fields. */
export interface FieldPrice {
  /** Of the field itself; null: by its type. */
  readonly weight: number | null;
  readonly listSize: {
    readonly assumedSize: number | null;
    readonly slicingArguments: readonly string[];
    readonly sizedFields: readonly string[];
  } | null;
}

/** The schema of a service, in its definition language. */
export interface OpenSchema {
  readonly schema: Schema;
  /** What is wrong with a document, at most a few of it. */
  faultsOf(document: GraphqlDocument): readonly string[];
  priceOf(directives: readonly ConstDirectiveNode[]): FieldPrice;
}

/** Faults that are told; the others are most likely more of the same. */
const MAX_FAULTS = 5;

/** The directives of the cost specification; a schema may or may not define them itself. */
const COST_DIRECTIVES = {
  cost: 'directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR',
  listSize:
    'directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION',
};

/** Reads a schema; a text says what is wrong with it. */
export function openSchema(text: string): OpenSchema | string {
  const missing = Object.entries(COST_DIRECTIVES)
    .filter(([name]) => !new RegExp(`directive\\s+@${name}\\b`).test(text))
    .map(([, definition]) => definition);
  try {
    const schema = buildSchema([text, ...missing].join('\n\n'));
    return {
      schema,
      faultsOf: ({ node }) =>
        validate(schema, node, RULES, { maxErrors: MAX_FAULTS, hideSuggestions: true })
          .slice(0, MAX_FAULTS)
          .map(({ message }) => message),
      priceOf,
    };
  } catch (error) {
    if (error instanceof SyntaxFault) {
      const [at] = error.locations ?? [];
      return at === undefined ? error.message : `${error.message} Line ${at.line}, column ${at.column}.`;
    }
    return error instanceof Error ? error.message : String(error);
  }
}

function priceOf(directives: readonly ConstDirectiveNode[]): FieldPrice {
  let weight: number | null = null;
  let listSize: FieldPrice['listSize'] = null;
  for (const { name, arguments: given = [] } of directives) {
    const values = new Map(given.map((argument) => [argument.name.value, argument.value]));
    if (name.value === 'cost') {
      const value = values.get('weight');
      const number = value !== undefined && 'value' in value ? Number(value.value) : Number.NaN;
      if (Number.isFinite(number) && number >= 0) weight = number;
    }
    if (name.value !== 'listSize') continue;
    const assumed = values.get('assumedSize');
    const texts = (key: string): string[] => {
      const value = values.get(key);
      if (value?.kind === 'StringValue') return [value.value];
      if (value?.kind !== 'ListValue') return [];
      return value.values.flatMap((item) => (item.kind === 'StringValue' ? [item.value] : []));
    };
    listSize = {
      assumedSize: assumed?.kind === 'IntValue' ? Number(assumed.value) : null,
      slicingArguments: texts('slicingArguments'),
      sizedFields: texts('sizedFields'),
    };
  }
  return { weight, listSize };
}
