import type { Json } from '../../core/identity.ts';
import type { RequestArguments } from '../../core/request-arguments.ts';

/** Members by name, in the order in which they are written; a text says what is wrong with them. */
export type MemberValues = ReadonlyMap<string, Json> | string;

type Given = Pick<Extract<RequestArguments, { readonly kind: 'arguments' }>, 'texts' | 'members'>;

/** The members of an operation, from the arguments of a request. Many services want them in one order (`xs:sequence`). */
export function memberValues({ texts, members }: Given, order: readonly string[]): MemberValues {
  const values = new Map([...texts].map(([name, all]): [string, Json] => [name, valueOf(all)]));
  for (const [name, value] of members) values.set(name, value as Json);
  if (order.length === 0) return values;
  const stranger = [...values.keys()].find((name) => !order.includes(name));
  if (stranger !== undefined)
    return `"${stranger.slice(0, 50).toWellFormed()}" is not known here; known are ${order.join(', ')}.`;
  return new Map(order.flatMap((name) => (values.has(name) ? [[name, values.get(name) ?? null]] : [])));
}

/** What a query says several times is a list. */
function valueOf(texts: readonly string[]): Json {
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : texts;
}
