// What we use of the graphql package; nothing else imports it.
import { getNamedType, isCompositeType, isListType, isNonNullType, type GraphQLSchema } from 'graphql/type';
import type { GraphQLObjectType, GraphQLOutputType } from 'graphql/type';
import {
  parse,
  print,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  type FieldNode,
  type ValueNode,
  type ConstDirectiveNode,
} from 'graphql/language';
import { GraphQLError } from 'graphql/error';
import { buildSchema } from 'graphql/utilities';
import { OverlappingFieldsCanBeMergedRule, specifiedRules, validate } from 'graphql/validation';

export { buildSchema, getNamedType, isCompositeType, isListType, isNonNullType, print };
export { GraphQLError as SyntaxFault, parse, validate };
export type {
  ConstDirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType as ObjectType,
  GraphQLOutputType as OutputType,
  GraphQLSchema as Schema,
  OperationDefinitionNode,
  SelectionSetNode,
  TypeNode,
  ValueNode,
};

/**
 * The rules of the specification but for one: whether fields of one name can be merged takes time that grows with the square
 * of their number, so a document of 5 KB takes 100 ms. Services look at that themselves.
 */
export const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);
