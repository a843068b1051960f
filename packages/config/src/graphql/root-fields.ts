import type { GraphqlDocument } from './document.ts';
import type { OperationDefinitionNode, SelectionSetNode } from './graphql-engine.ts';

/** The names that `data` of an operation has: of its fields, or what the operation calls them (GraphQL §7.1.2). */
export function rootFields(
  { fragments }: GraphqlDocument,
  { selectionSet }: OperationDefinitionNode,
): string[] {
  const names = new Set<string>();
  const spread = new Set<string>();
  const gather = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === 'Field') names.add((selection.alias ?? selection.name).value);
      else if (selection.kind === 'InlineFragment') gather(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) gather(fragment.selectionSet);
      }
    }
  };
  gather(selectionSet);
  return [...names];
}
