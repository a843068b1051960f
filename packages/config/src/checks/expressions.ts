import { checkExpression, expressionNames, type ExpressionKind } from '../expression.ts';
import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { LimitKeyConfig } from '../resolved.ts';
import { severalKeys } from '../resolve/limit-keys.ts';
import type { ReferenceAt } from './check.ts';
import { limitPlaces } from './limit-places.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** An expression where it is written. */
interface Place {
  readonly text: string | null;
  readonly kind: ExpressionKind;
  readonly about?: 'request' | 'response';
  readonly path: Path;
  /** What it is called in messages. */
  readonly name: string;
}

/** What should be an expression of CEL is one, and gives what is asked of it. */
export const expressionsCompile: PolicyCheck = ({ path, policies }, _config, referenceAt) => {
  const { authorize, concurrency } = policies;
  const places: Place[] = limitPlaces(policies, path).flatMap(placesOfLimit);
  if (authorize !== null && authorize !== 'off') {
    const at = [...path, 'authorize', 'rule'];
    places.push({ text: authorize.rule, kind: 'boolean', path: at, name: 'authorize.rule' });
  }
  if (concurrency !== null && concurrency !== 'off' && concurrency.by !== null)
    places.push(...placesOfKeys(concurrency.by, [...path, 'concurrency', 'by'], 'concurrency.by'));
  return places.flatMap((place) => faultOf(place, referenceAt));
};

function placesOfLimit({ limit, path }: ReturnType<typeof limitPlaces>[number]): Place[] {
  const { limitFrom, when, cost, responseCost, by } = limit;
  const place = (key: string, text: string | null, rest: Pick<Place, 'kind' | 'about'>): Place => ({
    text,
    path: [...path, key],
    name: `rateLimit.${key}`,
    ...rest,
  });
  const costText = typeof cost === 'string' ? cost : null;
  const about = costText !== null && expressionNames('response', costText) ? 'response' : 'request';
  return [
    place('limitFrom', limitFrom, { kind: 'number' }),
    place('when', when, { kind: 'boolean' }),
    place('cost', costText, { kind: 'number', about }),
    place('responseCost', responseCost, { kind: 'number', about: 'response' }),
    ...placesOfKeys(by, [...path, 'by'], 'rateLimit.by'),
  ];
}

function placesOfKeys(
  by: LimitKeyConfig | readonly LimitKeyConfig[],
  path: Path,
  name: string,
): readonly Place[] {
  const isList = Array.isArray(by);
  return severalKeys(by).flatMap((key, index): Place[] => {
    if (key.kind !== 'rule') return [];
    return [{ text: key.rule, kind: 'text', path: isList ? [...path, index] : path, name }];
  });
}

function faultOf({ text, kind, about, path, name }: Place, referenceAt: ReferenceAt): Draft[] {
  // An empty one is reported by the schema.
  const problem = text === null || text === '' ? null : checkExpression(text, kind, about);
  if (problem === null) return [];
  // What came from a reference may be a secret, and the problem may quote it.
  const why = referenceAt(path) === undefined ? `: ${problem}` : '';
  const message = `${ownerOf(path)}: ${name} is not a CEL expression that can be used${why}`;
  return [{ code: 'BAD_VALUE', message, path }];
}
