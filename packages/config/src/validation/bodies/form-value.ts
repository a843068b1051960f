import { below } from '../json-pointer.ts';
import { claims, pairsReader, type PairsPlan } from '../parameters/pairs-reader.ts';
import { UNDECODABLE } from '../parameters/pieces.ts';
import { decodedForm, pairsOf, type Pairs } from '../parameters/query-pairs.ts';
import { typedPieces, typedText } from '../parameters/typed-text.ts';
import type { Fault } from '../fault.ts';
import { isList, isRecord, type ValueShape } from '../value-shape.ts';
import type { FormPlan, PropertyEncoding } from './form-plan.ts';
import { readJson } from './json-text.ts';
import { isJson, readMediaType } from './media-type.ts';
import type { FormPart } from './multipart.ts';
import { utf8Text } from './utf8.ts';

/** A form as an object, and what of it cannot be read. */
export interface FormValue {
  readonly value: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];
}

/** Reads a form of `application/x-www-form-urlencoded` as its schema wants it. */
export function urlencodedValue(text: string, plan: FormPlan): FormValue {
  const form = new FormBuilder();
  const pairs = pairsOf(text);
  const styled = styledProperties(plan);
  for (const property of styled) addStyled(property, pairs, form);
  for (const name of new Set(pairs.all.map((pair) => pair.name))) {
    if (name === null) form.fault('', 'encoding', UNDECODABLE);
    else if (!styled.some((property) => claims(property, name)))
      addTexts(name, pairs.valuesOf(name), plan, form);
  }
  return form;
}

/** The properties that are written like parameters of a query. */
function styledProperties({ shape, encodings }: FormPlan): PairsPlan[] {
  return [...encodings].flatMap(([name, { asParameter }]) =>
    asParameter === null
      ? []
      : [
          {
            name,
            ...asParameter,
            shape: shape.property(name),
            decode: decodedForm,
            isOther: (other) => shape.names.has(other),
          },
        ],
  );
}

function addStyled(property: PairsPlan, pairs: Pairs, form: FormBuilder): void {
  const pieces = pairsReader(property)(pairs);
  if (typeof pieces === 'string') form.fault(property.name, 'encoding', pieces);
  else if (pieces !== null) form.set(property.name, typedPieces(pieces, property.shape));
}

function addTexts(
  name: string,
  raw: readonly string[],
  { shape, encodings }: FormPlan,
  form: FormBuilder,
): void {
  const property = shape.property(name);
  const item = itemOf(property);
  const isJsonText = isRecord(item) || encodings.get(name)?.contentTypes.some(isJson) === true;
  const values = raw.map((text) => {
    const decoded = decodedForm(text);
    if (decoded === null) form.fault(name, 'encoding', UNDECODABLE);
    else if (isJsonText) return jsonOf(decoded, name, form);
    return decoded === null ? null : typedText(decoded, item);
  });
  form.set(name, oneOrList(values, property));
}

/** Reads the parts of a form of `multipart/form-data` as its schema wants them. Files stay as they are. */
export function multipartValue(parts: readonly FormPart[], { shape, encodings }: FormPlan): FormValue {
  const form = new FormBuilder();
  const byName = Map.groupBy(parts, ({ name }) => name);
  for (const [name, group] of byName) {
    const property = shape.property(name);
    const plan = { name, item: itemOf(property), encoding: encodings.get(name) };
    const values = group.map((part) => partValue(part, plan, form));
    form.set(name, oneOrList(values, property));
  }
  return form;
}

interface PartPlan {
  readonly name: string;
  readonly item: ValueShape;
  readonly encoding: PropertyEncoding | undefined;
}

function partValue(part: FormPart, { name, item, encoding }: PartPlan, form: FormBuilder): unknown {
  const essence = readMediaType(part.contentType || 'text/plain')?.essence ?? '';
  if (
    encoding !== undefined &&
    encoding.contentTypes.length > 0 &&
    encoding.contentTypeOf(essence) === undefined
  )
    form.fault(name, 'contentType', `must be of another media type: ${encoding.contentTypes.join(' or ')}`);
  const isText = essence.startsWith('text/') && !part.hasFileName;
  const isJsonText = isJson(essence) || (isText && isRecord(item));
  if (!isText && !isJsonText) return part.bytes;
  const text = utf8Text(part.bytes);
  if (text === null) form.fault(name, 'encoding', 'must be UTF-8');
  if (text === null) return null;
  return isJsonText ? jsonOf(text, name, form) : typedText(text, item);
}

function jsonOf(text: string, name: string, form: FormBuilder): unknown {
  const json = readJson(text);
  if (json.ok) return json.value;
  form.fault(name, json.keyword, json.problem);
  return null;
}

function itemOf(property: ValueShape): ValueShape {
  return isList(property) ? property.items() : property;
}

function oneOrList(values: readonly unknown[], property: ValueShape): unknown {
  return values.length > 1 || isList(property) ? values : values[0];
}

/** Puts a form together. */
class FormBuilder implements FormValue {
  readonly value: Record<string, unknown> = {};
  readonly faults: Fault[] = [];

  set(name: string, value: unknown): void {
    // Even one that is called `__proto__`.
    Object.defineProperty(this.value, name, { value, enumerable: true, configurable: true, writable: true });
  }

  fault(property: string, keyword: string, message: string): void {
    this.faults.push({ keyword, pointer: property === '' ? '' : below('', property), message });
  }
}
