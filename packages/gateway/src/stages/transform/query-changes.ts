import type { QueryChanges } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { withoutParameter } from '../../core/http/query.ts';
import { requestTemplate } from '../../core/request-template.ts';
import type { RouteNames } from './field-changes.ts';

/** Longer queries are not made. */
const MOST_BYTES = 8192;

/** Compiles changes to the query, of which what is left keeps its bytes and its order; null if there are none. */
export function queryChanges(
  { set, remove }: QueryChanges,
  facts: RouteNames,
): ((exchange: Exchange) => string) | null {
  if (set.length + remove.length === 0) return null;
  const removed = [...remove, ...set.map(([name]) => name)].map((name) =>
    Buffer.from(name).toString('latin1'),
  );
  const setters = set.map(([name, text]) => ({
    name: encodeURIComponent(name),
    template: requestTemplate(text, facts),
  }));

  return (exchange) => {
    let query = exchange.targetQuery;
    for (const name of removed) query = withoutParameter(query, name);
    for (const { name, template } of setters) {
      const value = template(exchange);
      if (value === null) continue;
      const pair = `${name}=${encodeURIComponent(value.toWellFormed())}`;
      if (query.length + pair.length < MOST_BYTES) query += `${query === '' ? '?' : '&'}${pair}`;
    }
    return query;
  };
}
