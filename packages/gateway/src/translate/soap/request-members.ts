import type { SoapConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import type { Json } from '../../core/identity.ts';

/** Members by name; or what is wrong, for the client. */
export type Members = Readonly<Record<string, Json>> | string;

/** What a request says: parameters of the path, then of the query, then the members of its JSON body. Later ones count. */
export function requestMembers(exchange: Exchange, body: string, config: SoapConfig): Members {
  const members = new Map<string, Json>();
  for (const [index, name] of config.parameters.entries())
    members.set(name, decodeURIComponent(exchange.params[index] ?? ''));
  for (const [name, value] of new URLSearchParams(exchange.targetQuery)) {
    if (members.has(name)) return `"${name.slice(0, 50)}" is given twice.`;
    members.set(name, value);
  }
  if (body !== '') {
    const given = objectOf(body);
    if (typeof given === 'string') return given;
    for (const [name, value] of Object.entries(given)) members.set(name, value);
  }
  return inOrder(members, config.members);
}

function objectOf(text: string): Members {
  let value: Json;
  try {
    value = JSON.parse(Buffer.from(text, 'latin1').toString()) as Json;
  } catch {
    return 'The body is not JSON.';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, Json>>) : 'The body has to be an object.';
}

/** Many services want their elements in one order (`xs:sequence`). */
function inOrder(members: ReadonlyMap<string, Json>, order: readonly string[]): Members {
  if (order.length === 0) return Object.fromEntries(members);
  const unknown = [...members.keys()].find((name) => !order.includes(name));
  if (unknown !== undefined)
    return `"${unknown.slice(0, 50)}" is not known here; known are ${order.join(', ')}.`;
  return Object.fromEntries(
    order.flatMap((name) => {
      const value = members.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
