import type { Exchange } from '../core/exchange.ts';
import { jsonText } from './json-text.ts';

/** What a field that users add comes to; null: the exchange has no such thing, or nobody can tell. */
export type FieldValue = string | number | boolean | null;

/** A field that users add to each line. Reading never throws. */
export interface OwnField {
  /** A word of ASCII, as the configuration was checked. */
  readonly name: string;
  readonly read: (exchange: Exchange) => FieldValue;
}

/** The fields for exchanges of a route; they are the same, and only see other parameters of the path. */
export type OwnFieldsOf = (route: string) => readonly OwnField[];

/** All of them together, in a line; what does not fit is cut, and then null. */
export const OWN_FIELDS_BYTES = 1024;

/** Of one value. */
export const MAX_VALUE_LENGTH = 256;

/** As members of a JSON object: `"tenant":"a","seats":3`. */
export function jsonMembers(fields: readonly OwnField[], exchange: Exchange): string {
  let text = '';
  for (const [index, { name, read }] of fields.entries()) {
    const room = roomFor(fields, index, text.length);
    text += `${text === '' ? '' : ','}"${name}":${jsonValue(read(exchange), room)}`;
  }
  return text;
}

/** As labels of Elastic Common Schema, which are all texts; a label without a value is not there. */
export function jsonLabels(fields: readonly OwnField[], exchange: Exchange): string {
  let text = '';
  for (const [index, { name, read }] of fields.entries()) {
    const value = read(exchange);
    if (value === null) continue;
    const room = roomFor(fields, index, text.length);
    text += `${text === '' ? '' : ','}"${name}":"${jsonText(String(value), room)}"`;
  }
  return text;
}

/** What a value may take so that those behind it can at least say that they are null. */
export function roomFor(fields: readonly OwnField[], index: number, written: number): number {
  const others = (fields.length - index) * SHORTEST_FIELD;
  return Math.max(0, Math.min(MAX_VALUE_LENGTH, OWN_FIELDS_BYTES - written - others));
}

function jsonValue(value: FieldValue, room: number): string {
  if (typeof value === 'string') return `"${jsonText(value, room)}"`;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  return String(value);
}

/** A name, its quotes, a colon, a comma and a number or null. */
const SHORTEST_FIELD = 32 + 4 + 24;
