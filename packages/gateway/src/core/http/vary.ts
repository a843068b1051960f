import type { Headers } from '../headers.ts';
import { flattened } from '../latin1.ts';

/**
 * Makes what says in `Vary` that a reply depends on these request fields as well (RFC 9110 §12.5.5): one list, each name once.
 * A reply that varies by everything is left as it is.
 */
export function varyBy(...names: readonly string[]): (headers: Headers) => void {
  // A service says the same again and again, so the last list and what became of it are kept.
  let before = '';
  let after = names.join(', ');

  return (headers) => {
    const list = headers.getList('vary') ?? '';
    if (list !== before) {
      after = withNames(list, names);
      before = flattened(list);
    }
    if (after !== list) headers.set('Vary', after);
  };
}

function withNames(list: string, names: readonly string[]): string {
  const known = list.split(',').map((name) => name.trim().toLowerCase());
  if (known.includes('*')) return list;
  const missing = names.filter((name) => !known.includes(name.toLowerCase()));
  return missing.length === 0 ? list : [list, ...missing].filter((part) => part !== '').join(', ');
}
