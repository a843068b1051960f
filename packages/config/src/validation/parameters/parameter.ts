import { readJson } from '../bodies/json-text.ts';
import type { Check } from '../fault.ts';
import type { ValueShape } from '../value-shape.ts';
import { violationOf, type Violation } from '../violation.ts';
import type { HeadReader } from './head.ts';
import type { Pieces } from './pieces.ts';
import { cookieReader, headerReader, pathReader, queryReader, type Reader } from './readers.ts';
import type { ParameterLocation, Style } from './style.ts';
import { typedPieces } from './typed-text.ts';

/** What is described of a parameter. */
export interface ParameterPlan {
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  /** Whether it may be empty, whatever its schema says (OpenAPI 3.2 §4.12.2.1). */
  readonly allowEmptyValue: boolean;
  readonly style: Style;
  readonly explode: boolean;
  /** Of the value; for one that is written as JSON or in another media type, that of a text. */
  readonly shape: ValueShape;
  /** Whether the value is a text of JSON. */
  readonly isJson: boolean;
  /** For one in the path: which of its values. */
  readonly index: number;
  readonly check: Check;
}

/** Says what is wrong with one parameter of a message. */
export type ParameterCheck = (head: HeadReader) => readonly Violation[];

const NONE: readonly Violation[] = [];

/** Makes the check of a parameter; `isOther` tells names of the query that belong to another. */
export function parameterCheck(plan: ParameterPlan, isOther: (name: string) => boolean): ParameterCheck {
  const read = readerOf(plan, isOther);
  const place = { in: plan.in, parameter: plan.name };
  return (head) => {
    const pieces = read(head);
    if (pieces === null)
      return plan.required ? [{ detail: 'must be there', ...place, keyword: 'required' }] : NONE;
    if (typeof pieces === 'string') return [{ detail: pieces, ...place, keyword: 'encoding' }];
    if (plan.allowEmptyValue && pieces.kind === 'text' && pieces.text === '') return NONE;
    return checkValue(pieces, plan);
  };
}

function readerOf(plan: ParameterPlan, isOther: (name: string) => boolean): Reader {
  switch (plan.in) {
    case 'path':
      return pathReader(plan, plan.index);
    case 'query':
      return queryReader(plan, isOther);
    case 'header':
      return headerReader(plan);
    case 'cookie':
      return cookieReader(plan);
    default:
      return plan.in satisfies never;
  }
}

function checkValue(
  pieces: Pieces,
  { shape, isJson, check, in: location, name }: ParameterPlan,
): readonly Violation[] {
  const place = { in: location, parameter: name };
  let value = typedPieces(pieces, shape);
  if (isJson && typeof value === 'string') {
    const json = readJson(value);
    if (!json.ok) return [{ detail: json.problem, ...place, keyword: json.keyword }];
    value = json.value;
  }
  const faults = check(value);
  return faults.length === 0 ? NONE : faults.map((fault) => violationOf(fault, place));
}
