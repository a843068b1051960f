import { violationOf, type Violation } from '../violation.ts';
import type { Check, Fault } from '../fault.ts';
import type { FormPlan } from './form-plan.ts';
import { multipartValue, urlencodedValue, type FormValue } from './form-value.ts';
import { readJson } from './json-text.ts';
import { isJson, isUtf8Labelled, type MediaType } from './media-type.ts';
import { formParts } from './multipart.ts';
import { utf8Text } from './utf8.ts';

/** Says what is wrong with a body: its bytes, one character each. */
export type BodyCheck = (bytes: string) => readonly Violation[];

/** What is to be done about a body. */
export type BodyRule =
  /** Whatever it is: nothing is said of it, or nothing that can be looked at. */
  | { readonly kind: 'any' }
  /** None is described. */
  | { readonly kind: 'undescribed' }
  /** It is of a media type that is not described; `accept` lists those that are (RFC 9110 §12.5.1). */
  | { readonly kind: 'unsupported'; readonly accept: string }
  /** The whole of it has to be looked at. */
  | { readonly kind: 'check'; readonly check: BodyCheck };

/** How bodies of one media type are described. */
export interface BodyPlan {
  /** Both null: without a schema. */
  readonly check: Check | null;
  readonly form: FormPlan | null;
}

/** The check of a body of this media type; null if it cannot be looked into. */
export function bodyCheck(type: MediaType, { check, form }: BodyPlan): BodyCheck | null {
  const { essence, boundary } = type;
  if (isJson(essence)) return (bytes) => checkJson(bytes, check);
  if (check === null || form === null) return null;
  if (essence === 'application/x-www-form-urlencoded') return (bytes) => checkUrlencoded(bytes, form, check);
  if (essence === 'multipart/form-data') return (bytes) => checkMultipart(bytes, boundary, form, check);
  return null;
}

/** Whether bodies of this media type are what their label says that they are in. */
export function isReadable(type: MediaType): boolean {
  return !isJson(type.essence) || isUtf8Labelled(type);
}

function checkJson(bytes: string, check: Check | null): readonly Violation[] {
  const text = utf8Text(bytes);
  if (text === null) return [wholeBody('encoding', 'must be UTF-8')];
  const json = readJson(text);
  if (!json.ok) return [wholeBody(json.keyword, json.problem)];
  return check === null ? [] : check(json.value).map(inBody);
}

function checkUrlencoded(bytes: string, form: FormPlan, check: Check): readonly Violation[] {
  const text = utf8Text(bytes);
  if (text === null) return [wholeBody('encoding', 'must be UTF-8')];
  return checkForm(urlencodedValue(text, form), check);
}

function checkMultipart(bytes: string, boundary: string, form: FormPlan, check: Check): readonly Violation[] {
  const parts = formParts(bytes, boundary);
  if (parts === null) return [wholeBody('syntax', 'must be a form in parts that the boundary separates')];
  return checkForm(multipartValue(parts, form), check);
}

/** What could not be read is not held against the schema as well. */
function checkForm({ value, faults }: FormValue, check: Check): readonly Violation[] {
  const unread = new Set(faults.map(({ pointer }) => pointer));
  return [...faults, ...check(value).filter(({ pointer }) => !unread.has(pointer))].map(inBody);
}

function inBody(fault: Fault): Violation {
  return violationOf(fault, { in: 'body' });
}

/** Something that is wrong with a body as a whole. */
export function wholeBody(keyword: string, message: string): Violation {
  return inBody({ keyword, pointer: '', message });
}
