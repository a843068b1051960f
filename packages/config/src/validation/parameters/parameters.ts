import { MAX_VIOLATIONS, type Violation } from '../violation.ts';
import { HeadReader, type Head } from './head.ts';
import { claims } from './pairs-reader.ts';
import { parameterCheck, type ParameterPlan } from './parameter.ts';
import { UNDECODABLE } from './pieces.ts';

/** What is done about query parameters that nobody described. */
export type UnknownParameters = 'allow' | 'refuse';

/** Says what is wrong with the parameters of a message. */
export type ParametersCheck = (head: Head, unknown: UnknownParameters) => readonly Violation[];

const NONE: readonly Violation[] = [];
/** Names that the client made up are not repeated if they are longer. */
const MAX_NAME_LENGTH = 64;

/** Makes the check of all parameters of a message. */
export function parametersCheck(plans: readonly ParameterPlan[]): ParametersCheck {
  const query = plans.filter((plan) => plan.in === 'query');
  const names = new Set(query.map(({ name }) => name));
  const isNamed = (name: string): boolean => names.has(name.split('[', 1)[0] ?? '') || names.has(name);
  const isKnown = (name: string): boolean =>
    query.some((plan) => claims({ ...plan, isOther: isNamed }, name));
  const checks = plans.map((plan) => parameterCheck(plan, isNamed));

  return (head, unknown) => {
    const reader = new HeadReader(head);
    let violations = NONE;
    for (const check of checks) {
      const found = check(reader);
      if (found.length > 0) violations = [...violations, ...found];
    }
    if (unknown === 'allow' || head.query.length < 2) return violations;
    return [...violations, ...unknownOnes(reader, isKnown)];
  };
}

function unknownOnes(reader: HeadReader, isKnown: (name: string) => boolean): Violation[] {
  const violations: Violation[] = [];
  for (const name of new Set(reader.pairs.all.map((pair) => pair.name))) {
    if (violations.length === MAX_VIOLATIONS) break;
    if (name === null) violations.push({ detail: UNDECODABLE, in: 'query', keyword: 'encoding' });
    else if (!isKnown(name))
      violations.push({ detail: 'is not described', in: 'query', ...shown(name), keyword: 'unknown' });
  }
  return violations;
}

function shown(name: string): { readonly parameter?: string } {
  return name.length <= MAX_NAME_LENGTH ? { parameter: name } : {};
}
