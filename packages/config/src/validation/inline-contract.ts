import type { InlineSchemas } from '../resolved.ts';
import { bodyCheck, isReadable, wholeBody, type BodyRule } from './bodies/body-rule.ts';
import { isJson, readMediaType } from './bodies/media-type.ts';
import type { Contract, Operation } from './contract.ts';
import { isObject } from './json.ts';
import { lazy } from './lazy.ts';
import { Description } from './openapi/description.ts';
import { DocumentSet, uriOf } from './openapi/document-set.ts';
import type { ParameterPlan } from './parameters/parameter.ts';
import { parametersCheck } from './parameters/parameters.ts';
import { styleOf, type ParameterLocation } from './parameters/style.ts';
import type { Check } from './fault.ts';

/** Where a schema that is written in place is said to be, so that its references find their way in it. */
const IN_PLACE = '/in-place';

/** Methods whose requests do something with a body (RFC 9110 §9.3, RFC 5789), so that it has to be there. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY']);

/**
 * The contract that a route's own schemas make: parameters in their usual notation, and bodies of JSON. `names` are those of the
 * route's path parameters; `open` gives what surrounds a schema that is in a file.
 */
export function inlineContract(
  schemas: InlineSchemas,
  names: readonly string[],
  open: (path: string) => Description,
): Contract {
  const parameters = lazy(() => parametersCheck(inlinePlans(schemas, names)));
  const body = lazy(() => bodyOf(schemas.body, open));
  const operation = (isBodyRequired: boolean): Operation => ({
    pointer: '',
    checkHead: (head, unknown) => parameters()(head, unknown),
    body: (contentType) => body()(contentType),
    missingBody: () => (isBodyRequired ? [wholeBody('required', 'must be there')] : []),
    response: () => null,
  });
  const withBody = operation(schemas.body !== null);
  const withoutBody = operation(false);
  return {
    find: (method, _path, params) => ({
      kind: 'operation',
      operation: WITH_BODY.has(method) ? withBody : withoutBody,
      params,
    }),
  };
}

/** The parameters that have a schema. */
function inlinePlans(schemas: InlineSchemas, names: readonly string[]): ParameterPlan[] {
  const plans = (texts: Readonly<Record<string, string>>, location: ParameterLocation): ParameterPlan[] =>
    Object.entries(texts).map(([name, text]) => ({
      name,
      in: location,
      allowEmptyValue: false,
      style: styleOf('', location),
      explode: location === 'query',
      index: names.indexOf(name),
      isJson: false,
      ...valuePlan(text),
    }));
  return [
    ...plans(schemas.path, 'path'),
    ...plans(schemas.query, 'query'),
    ...plans(schemas.headers, 'header'),
  ];
}

function valuePlan(text: string): Pick<ParameterPlan, 'required' | 'shape' | 'check'> {
  const { schema, required } = parameterSchema(text);
  const description = inPlace(schema);
  const whole = { uri: description.uri, pointer: '', value: schema };
  return { required, shape: description.shape(whole), check: description.check(whole, 'readOnly') };
}

/** A schema of a parameter may say `required: true` of the parameter itself, for which JSON Schema has no word. */
export function parameterSchema(text: string): { readonly schema: unknown; readonly required: boolean } {
  const written: unknown = JSON.parse(text);
  if (!isObject(written) || typeof written['required'] !== 'boolean')
    return { schema: written, required: false };
  const { required, ...schema } = written;
  return { schema, required };
}

/** A schema that is written in place. */
export function inPlace(schema: unknown): Description {
  const documents = new DocumentSet();
  documents.add(IN_PLACE, () => schema);
  return new Description(documents, uriOf(IN_PLACE), 'schema');
}

function bodyOf(body: InlineSchemas['body'], open: (path: string) => Description): Operation['body'] {
  if (body === null) return () => ({ kind: 'any' });
  const description = body.kind === 'text' ? inPlace(JSON.parse(body.value)) : open(body.value);
  const check = description.check({ uri: description.uri, pointer: '' }, 'readOnly');
  return (contentType = '') => jsonRule(contentType, check);
}

const ONLY_JSON: BodyRule = { kind: 'unsupported', accept: 'application/json' };

function jsonRule(contentType: string, check: Check): BodyRule {
  const type = readMediaType(contentType);
  if (type === null || !isJson(type.essence) || !isReadable(type)) return ONLY_JSON;
  const checked = bodyCheck(type, { check, form: null });
  return checked === null ? ONLY_JSON : { kind: 'check', check: checked };
}
