import type { RequestArguments } from '../../core/request-arguments.ts';

/** A variable of the operation. */
export interface Variable {
  readonly name: string;
  /** Of the value, or of the entries of a list. */
  readonly type: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
}

/** Values by name; a text says what is wrong with them. */
export type Variables = Readonly<Record<string, unknown>> | string;

type Given = Pick<Extract<RequestArguments, { readonly kind: 'arguments' }>, 'texts' | 'members'>;

/**
 * The variables of an operation, from the arguments of a request. What is in the path and the query is text, and is read as the
 * operation wants it. An argument that is no variable is refused: a misspelt filter would otherwise find everything.
 */
export function operationVariables({ texts, members }: Given, variables: readonly Variable[]): Variables {
  const values = new Map(members);
  const names = variables.map(({ name }) => name);
  const stranger = [...texts.keys(), ...members.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) return unknown(stranger, names);
  for (const variable of variables) {
    const { name, type, isList, isRequired } = variable;
    const written = texts.get(name);
    const value = written === undefined ? members.get(name) : valueOf(written, variable);
    if (written !== undefined && value === undefined)
      return `"${name}" is no ${type}${isList ? ' list' : ''}.`;
    if (isRequired && (value ?? null) === null) return `"${name}" is missing.`;
    if (value !== undefined) values.set(name, value);
  }
  return Object.fromEntries(values);
}

function unknown(name: string, names: readonly string[]): string {
  const known = names.length === 0 ? '' : `; known are ${names.join(', ')}`;
  return `"${name.slice(0, 50).toWellFormed()}" is not known here${known}.`;
}

/** Undefined: it is not of that type. */
function valueOf(texts: readonly string[], { type, isList }: Variable): unknown {
  const values = texts.map((text) => scalar(text, type));
  if (values.includes(undefined)) return undefined;
  if (isList) return values;
  return values.length === 1 ? values[0] : undefined;
}

/** Types that we do not know get the text. */
function scalar(text: string, type: string): string | number | boolean | undefined {
  switch (type) {
    case 'Int':
      return /^-?\d{1,10}$/.test(text) && Number(text) === (Number(text) | 0) ? Number(text) : undefined;
    case 'Float':
      return /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,2})?$/.test(text) ? finite(Number(text)) : undefined;
    case 'Boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    default:
      return text;
  }
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
