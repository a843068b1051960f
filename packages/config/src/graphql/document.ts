import {
  parse,
  SyntaxFault,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from './graphql-engine.ts';

/** A document (GraphQL §2.2), read once. */
export interface GraphqlDocument {
  readonly text: string;
  readonly node: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** What the library says of a document that is longer than it may be. */
const TOO_LONG = /more tha[tn] \d+ tokens/;
/** What we say of one whose nesting is more than the stack of the program. */
const TOO_DEEP = 'The document is nested too deeply to be read.';

/** Whether a document cannot be read because it is longer than it may be. */
export function isTooLong(fault: string): boolean {
  return fault === TOO_DEEP || TOO_LONG.test(fault);
}

/** Reads a document; a text says what is wrong with it, and where. */
export function openDocument(text: string, maxTokens: number): GraphqlDocument | string {
  try {
    const node = parse(text, { noLocation: true, maxTokens });
    const operations: OperationDefinitionNode[] = [];
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of node.definitions) {
      if (definition.kind === 'OperationDefinition') operations.push(definition);
      else if (definition.kind !== 'FragmentDefinition')
        return 'Only operations and fragments can be executed.';
      else if (fragments.has(definition.name.value))
        return `There are two fragments named "${definition.name.value}".`;
      else fragments.set(definition.name.value, definition);
    }
    return { text, node, operations, fragments };
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    if (!(error instanceof SyntaxFault)) throw error;
    const [at] = error.locations ?? [];
    return at === undefined ? error.message : `${error.message} Line ${at.line}, column ${at.column}.`;
  }
}

/** The operation that is asked for (GraphQL §6.1), or why there is none. */
export function operationOf(
  { operations }: GraphqlDocument,
  name: string | null,
): OperationDefinitionNode | string {
  if (name !== null) {
    const named = operations.find((operation) => operation.name?.value === name);
    return named ?? 'There is no operation of that name in the document.';
  }
  const [only] = operations;
  if (only === undefined) return 'There is no operation in the document.';
  return operations.length === 1
    ? only
    : 'There are several operations in the document: name one by "operationName".';
}
