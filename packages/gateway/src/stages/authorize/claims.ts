import type { ClaimRuleConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import type { Claims, Json } from '../../core/identity.ts';
import { identityDemand, type Demand } from './demand.ts';
import { isTemplate, valueTemplate } from './value-template.ts';

/** Asks for a claim that is one of the values, or a list that holds one. `names` are those of the path's parameters. */
export function claimDemand({ path, values }: ClaimRuleConfig, names: readonly string[]): Demand {
  const wanted = values.map((value) => wantedValue(value, names));
  const name = path.join('.');
  const shortfall = {
    reason: 'claims',
    rule: `authorize.claims.${name}`,
    code: 'FORBIDDEN',
    detail: `The claim ${name} is not one that may do this.`,
    scopes: null,
  } as const;
  return identityDemand(shortfall, ({ claims }, exchange) => {
    const items = itemsAt(claims, path);
    return items.length > 0 && wanted.some((isHeldBy) => isHeldBy(items, exchange));
  });
}

/** Whether a value is among the items of a claim. */
type Wanted = (items: readonly Json[], exchange: Exchange) => boolean;

function wantedValue(value: string | number | boolean, names: readonly string[]): Wanted {
  if (typeof value !== 'string' || !isTemplate(value)) return (items) => items.includes(value);
  const template = valueTemplate(value, names);
  return (items, exchange) => {
    const text = template(exchange);
    return text !== null && items.some((item) => isWritten(item, text));
  };
}

/** What comes out of a request is text, so the number 42 is what `42` says. */
function isWritten(item: Json, text: string): boolean {
  return item === text || (typeof item === 'number' && String(item) === text);
}

/** Claims that are lists although they are written as one text (RFC 8693 §4.2, and `scp` of Entra ID). */
const SPACED: ReadonlySet<string> = new Set(['scope', 'scp']);

function itemsAt(claims: Claims, path: readonly string[]): readonly Json[] {
  const claim = claimAt(claims, path);
  if (claim === undefined) return [];
  const [first = ''] = path;
  if (typeof claim === 'string' && path.length === 1 && SPACED.has(first)) return claim.split(' ');
  return isList(claim) ? claim : [claim];
}

/** Only own members lead on: a claim `constructor` is there only if the token has one. */
function claimAt(claims: Claims, path: readonly string[]): Json | undefined {
  let claim: Json = claims;
  for (const name of path) {
    if (typeof claim !== 'object' || claim === null || isList(claim) || !Object.hasOwn(claim, name))
      return undefined;
    const next: Json | undefined = claim[name];
    if (next === undefined) return undefined;
    claim = next;
  }
  return claim;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
