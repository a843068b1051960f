import type { Headers } from '../../../core/headers.ts';
import { queryPairs } from '../../../core/http/query.ts';
import { parseDictionary, type Member } from './structured-fields.ts';

/** Which parts of a query make no difference to a response (draft-ietf-httpbis-no-vary-search). */
export interface SearchRule {
  /** Whether the order of parameters makes one. */
  readonly order: 'counts' | 'ignored';
  /** `all-but`: the named parameters make none. `only`: all others make none. Names are decoded, one byte a character. */
  readonly counting: 'all-but' | 'only';
  readonly names: ReadonlySet<string>;
}

/** What is escaped in a normalised query: what separates, what escapes, and what a key may not have. */
const SPECIAL = /[&=%+\0-\x20\x7f-\xff]/g;

/** What a response says, or null for one that says nothing, or nothing that makes sense: then the whole query counts. */
export function searchRuleOf(headers: Headers): SearchRule | null {
  const text = headers.getList('no-vary-search');
  const members = text === undefined ? null : parseDictionary(text);
  if (members === null) return null;
  const order = readOrder(members.get('key-order'));
  const names = readNames(members.get('params'), members.get('except'));
  if (order === null || names === null) return null;
  const isPlain = order === 'counts' && names.counting === 'all-but' && names.names.size === 0;
  return isPlain ? null : { order, ...names };
}

/** A query that is the same for all queries between which the rule sees no difference. It is for keys only: no service gets it. */
export function normalisedSearch(query: string, { order, counting, names }: SearchRule): string {
  const counted = queryPairs(query).filter(([name]) => names.has(name) === (counting === 'only'));
  if (order === 'ignored') counted.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const text = counted.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
  return text === '' ? '' : `?${text}`;
}

function readOrder(member: Member | undefined): SearchRule['order'] | null {
  if (member === undefined) return 'counts';
  if (member.kind !== 'boolean') return null;
  return member.value ? 'ignored' : 'counts';
}

/** `params` true means none counts, but for those of `except`; a list means that all count but those. */
function readNames(
  params: Member | undefined,
  except: Member | undefined,
): Pick<SearchRule, 'counting' | 'names'> | null {
  if (params?.kind === 'boolean' && params.value) {
    const names = except === undefined ? new Set<string>() : namesOf(except);
    return names === null ? null : { counting: 'only', names };
  }
  if (except !== undefined) return null;
  if (params === undefined || params.kind === 'boolean') return { counting: 'all-but', names: new Set() };
  const names = namesOf(params);
  return names === null ? null : { counting: 'all-but', names };
}

/** Names are written as in a query: form-encoded. */
function namesOf(member: Member): ReadonlySet<string> | null {
  if (member.kind !== 'list') return null;
  const names = new Set<string>();
  for (const item of member.items) {
    if (item.kind !== 'string') return null;
    const [[name] = ['']] = queryPairs(`?${item.value.replaceAll('&', '%26').replaceAll('=', '%3D')}`);
    names.add(name);
  }
  return names;
}

function escaped(text: string): string {
  return text.replaceAll(SPECIAL, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
