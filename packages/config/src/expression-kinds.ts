import { FUNCTIONS, type Node } from './expression-engine.ts';
import type { IDENTITY_FIELDS, REQUEST_FIELDS, RESPONSE_FIELDS } from './expression-facts.ts';

/** What an expression is for: a condition, an amount, or a part of a key. */
export type ExpressionKind = 'boolean' | 'number' | 'text';

const ANYTHING = ['boolean', 'number', 'string'];

/** Whether an expression can give such a result at all: one that cannot, however it comes out, was meant otherwise. */
export function mayGive(kind: ExpressionKind, node: Node): boolean {
  const types = typesOf(node);
  if (kind === 'text') return types.length > 0;
  return types.includes(kind);
}

/** The scalar types that the value of a part may have. */
function typesOf(node: Node): readonly string[] {
  const { exprKind } = node;
  switch (exprKind.case) {
    case 'constExpr':
      return CONSTANTS.get(exprKind.value.constantKind.case) ?? [];
    case 'comprehensionExpr':
      return exprKind.value.accuInit?.exprKind.case === 'listExpr' ? [] : ['boolean'];
    case 'callExpr':
      return typesOfCall(exprKind.value.function);
    case 'identExpr':
      return exprKind.value.name === 'route' ? ['string'] : [];
    case 'selectExpr':
      return exprKind.value.testOnly ? ['boolean'] : typesOfField(exprKind.value);
    case 'listExpr':
    case 'structExpr':
    case undefined:
    default:
      return [];
  }
}

const CONSTANTS: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  ['boolValue', ['boolean']],
  ['stringValue', ['string']],
  ['int64Value', ['number']],
  ['uint64Value', ['number']],
  ['doubleValue', ['number']],
]);

/** Those that the library does not list as functions are the conditional and the index, which may give anything. */
function typesOfCall(name: string): readonly string[] {
  if (name === '_&&_' || name === '_||_') return ['boolean'];
  return FUNCTIONS.get(name)?.flatMap(({ gives }) => gives) ?? ANYTHING;
}

type Field = (typeof REQUEST_FIELDS | typeof IDENTITY_FIELDS | typeof RESPONSE_FIELDS)[number];

/** Fields of our variables that are no texts. */
const FIELD_TYPES: ReadonlyMap<string, readonly string[]> = new Map<Field, readonly string[]>([
  ['query', []],
  ['headers', []],
  ['header', []],
  ['params', []],
  ['graphql', []],
  ['scopes', []],
  ['claims', []],
  ['metadata', []],
  ['status', ['number']],
]);

function typesOfField({ operand, field }: { operand?: Node | undefined; field: string }): readonly string[] {
  if (operand === undefined || !isOurs(operand)) return ANYTHING;
  return FIELD_TYPES.get(field) ?? ['string'];
}

function isOurs({ exprKind }: Node): boolean {
  return exprKind.case === 'identExpr' && ['request', 'identity', 'response'].includes(exprKind.value.name);
}
