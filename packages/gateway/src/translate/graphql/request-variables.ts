import type { Exchange } from '../../core/exchange.ts';
import type { Json } from '../../core/identity.ts';

/** A variable of the operation. */
export interface Variable {
  readonly name: string;
  /** Of the value, or of the entries of a list. */
  readonly type: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
}

/** What variables are found by. */
export interface VariablePlan {
  readonly variables: readonly Variable[];
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** Values by name; or what is wrong, for the client. */
export type Variables = Readonly<Record<string, Json>> | string;

/**
 * The variables of the operation: members of the JSON body, parameters of the query, then those of the path. Later ones count. What
 * is in the path and the query is text, and is read as the operation wants it.
 */
export function requestVariables(exchange: Exchange, body: string, plan: VariablePlan): Variables {
  const known = new Map(plan.variables.map((variable) => [variable.name, variable]));
  const values = new Map<string, Json>();
  const given = body === '' ? {} : objectOf(body);
  if (typeof given === 'string') return given;
  for (const [name, value] of Object.entries(given)) values.set(name, value);
  const query = new URLSearchParams(exchange.targetQuery);
  const texts: [string, string[]][] = Array.from(new Set(query.keys()), (name) => [name, query.getAll(name)]);
  for (const [index, name] of plan.parameters.entries())
    texts.push([name, [decodeURIComponent(exchange.params[index] ?? '')]]);
  for (const [name, all] of texts) {
    const variable = known.get(name);
    if (variable === undefined) return unknown(name, known);
    const value = valueOf(all, variable);
    if (value === undefined) return `"${name}" is no ${variable.type}${variable.isList ? ' list' : ''}.`;
    values.set(name, value);
  }
  for (const name of values.keys()) if (!known.has(name)) return unknown(name, known);
  const missing = plan.variables.find(
    ({ name, isRequired }) => isRequired && (values.get(name) ?? null) === null,
  );
  return missing === undefined ? Object.fromEntries(values) : `"${missing.name}" is missing.`;
}

function unknown(name: string, known: ReadonlyMap<string, Variable>): string {
  const names = [...known.keys()].join(', ');
  return `"${name.slice(0, 50)}" is not known here${names === '' ? '' : `; known are ${names}`}.`;
}

/** Undefined: it is not of that type. Text of a type that we do not know goes on as text. */
function valueOf(texts: readonly string[], { type, isList }: Variable): Json | undefined {
  if (!isList) return texts.length === 1 ? scalar(texts[0] ?? '', type) : undefined;
  const values = texts.map((text) => scalar(text, type));
  return values.some((value) => value === undefined) ? undefined : (values as Json[]);
}

function scalar(text: string, type: string): Json | undefined {
  switch (type) {
    case 'Int':
      return /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 ? Number(text) : undefined;
    case 'Float':
      return /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : undefined;
    case 'Boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    default:
      return text;
  }
}

function objectOf(text: string): Variables {
  let value: Json;
  try {
    value = JSON.parse(Buffer.from(text, 'latin1').toString()) as Json;
  } catch {
    return 'The body is not JSON.';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, Json>>) : 'The body has to be an object.';
}
