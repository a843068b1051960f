import type { OperationDefinitionNode, TypeNode } from './graphql-engine.ts';

/** A variable of an operation (GraphQL §2.10). */
export interface OperationVariable {
  readonly name: string;
  /** Of the value, or of the entries of a list. */
  readonly type: string;
  readonly isList: boolean;
  /** It has to be given. */
  readonly isRequired: boolean;
}

/** The variables of an operation, in their order. */
export function operationVariables({
  variableDefinitions = [],
}: OperationDefinitionNode): OperationVariable[] {
  return variableDefinitions.map(({ variable, type, defaultValue }) => ({
    name: variable.name.value,
    ...unwrapped(type),
    isRequired: type.kind === 'NonNullType' && defaultValue === undefined,
  }));
}

function unwrapped(type: TypeNode): { readonly type: string; readonly isList: boolean } {
  switch (type.kind) {
    case 'NonNullType':
      return unwrapped(type.type);
    case 'ListType':
      return { type: unwrapped(type.type).type, isList: true };
    case 'NamedType':
      return { type: type.name.value, isList: false };
    default:
      return type satisfies never;
  }
}
