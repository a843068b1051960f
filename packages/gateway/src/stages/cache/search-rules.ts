import type { Headers } from '../../core/headers.ts';
import { Remembered } from '../../core/remembered.ts';
import { normalisedSearch, searchRuleOf, type SearchRule } from './rules/no-vary-search.ts';

/** Paths whose rule is remembered. */
const MOST_PATHS = 10_000;

/** What services said about queries that make no difference (No-Vary-Search): the latest for each path, as a thread has heard it. */
export class SearchRules {
  readonly #rules = new Remembered<SearchRule>(MOST_PATHS);

  /** The address that stands for all that are the same to its service. */
  normalised(address: string): string {
    if (this.#rules.size === 0) return address;
    const question = address.indexOf('?');
    if (question === -1) return address;
    const rule = this.#rules.get(address.slice(0, question));
    return rule === undefined
      ? address
      : `${address.slice(0, question)}${normalisedSearch(address.slice(question), rule)}`;
  }

  /** Hears what a response says. True if that is news: what was looked up before was looked up by another rule. */
  learn(address: string, headers: Headers): boolean {
    const path = address.split('?', 1)[0] ?? '';
    const before = this.#rules.get(path);
    const rule = searchRuleOf(headers);
    if (rule === null) {
      if (before !== undefined) this.#rules.delete(path);
      return before !== undefined;
    }
    this.#rules.set(path, rule);
    return before === undefined || !isSame(before, rule);
  }
}

function isSame(a: SearchRule, b: SearchRule): boolean {
  return a.order === b.order && a.counting === b.counting && a.names.symmetricDifference(b.names).size === 0;
}
