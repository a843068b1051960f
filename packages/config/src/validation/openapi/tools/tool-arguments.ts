import { isJson, readMediaType } from '../../bodies/media-type.ts';
import { isObject, listAt, memberOf, textAt, type JsonObject } from '../../json.ts';
import { styleOf } from '../../parameters/style.ts';
import type { DocumentSet, Place } from '../document-set.ts';
import { parametersOf } from '../described-parameters.ts';
import { memberPlace, memberPlaces } from '../places.ts';
import type { ApiTool, ToolBody, ToolParameter } from './api-tool.ts';
import { inlined } from './inlined.ts';

/** The operation whose arguments are wanted, in plain JSON Schema for requests. */
export interface ArgumentSource {
  readonly pathItem: Place;
  readonly operation: Place;
  readonly documents: DocumentSet;
}

/** Arguments as a model gives them, and where they go; or why there can be none. */
export type ToolArguments =
  | ({ readonly ok: true } & Pick<ApiTool, 'inputSchema' | 'parameters' | 'body'>)
  | { readonly ok: false; readonly problem: string };

/** Fields that are ours to write: a model must not choose who is asked, by whom, or where a message ends. */
const OURS =
  /^(host|cookie|connection|upgrade|te|trailer|expect|via|forwarded|proxy-.*|keep-alive|transfer-encoding|content-.*|client-cert.*|x-(forwarded|identity)-.*|x-real-ip|x-request-id)$/i;

/** Puts what goes into path, query, header and body into one object. Names that are taken get their place in front: `query_id`. */
export function toolArguments(source: ArgumentSource): ToolArguments {
  const properties = new Map<string, unknown>();
  const required: string[] = [];

  function add(name: string, place: string, schema: unknown): string {
    let argument = name;
    for (let prefix = place; properties.has(argument); prefix += '_') argument = `${prefix}_${name}`;
    properties.set(argument, schema);
    return argument;
  }

  const parameters: ToolParameter[] = [];
  for (const described of describedParameters(source)) {
    const { parameter, schema, isRequired } = described;
    if (parameter === null) return { ok: false, problem: described.problem };
    const argument = add(parameter.name, parameter.in, schema);
    if (isRequired) required.push(argument);
    parameters.push({ ...parameter, argument });
  }
  const body = bodyOf(source);
  if (body !== null && !body.ok) return body;
  const planned = body === null ? null : addBody(body, add, required);
  const inputSchema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
  return { ok: true, inputSchema, parameters, body: planned };
}

type Described =
  | {
      readonly parameter: Omit<ToolParameter, 'argument'>;
      readonly schema: unknown;
      readonly isRequired: boolean;
      readonly problem: '';
    }
  | { readonly parameter: null; readonly schema: null; readonly isRequired: false; readonly problem: string };

/** Those that a model may choose; cookies and fields of ours are none. */
function describedParameters({ pathItem, operation, documents }: ArgumentSource): Described[] {
  return parametersOf(pathItem, operation, (place) => documents.follow(place)).flatMap(
    ({ name, in: location, place }): Described[] => {
      if (location !== 'path' && location !== 'query' && location !== 'header') return [];
      if (location === 'header' && OURS.test(name)) return [];
      const style = styleOf(textAt(place.value, 'style'), location);
      const isRequired = location === 'path' || memberOf(place.value, 'required') === true;
      if (style === 'label' || style === 'matrix' || style === 'cookie')
        return [
          refusal(`its parameter ${name} is written in the style ${style}, which is not understood here`),
        ];
      const { schema: found, isJson: isJsonText } = valueOf(place, documents);
      const schema = found === null ? {} : inlined(found, { documents, refused: 'readOnly' });
      if (schema === null) return [refusal(`the schema of its parameter ${name} is too large`)];
      const explode = memberOf(place.value, 'explode') ?? style === 'form';
      return [
        {
          parameter: { name, in: location, style, explode: explode === true, isJson: isJsonText },
          schema: withDescription(schema, textAt(place.value, 'description')),
          isRequired,
          problem: '',
        },
      ];
    },
  );
}

function refusal(problem: string): Described {
  return { parameter: null, schema: null, isRequired: false, problem };
}

function valueOf(
  place: Place,
  documents: DocumentSet,
): { readonly schema: Place | null; readonly isJson: boolean } {
  const schema = memberPlace(place, 'schema');
  if (schema !== null) return { schema, isJson: false };
  const [written] = memberPlaces(place, 'content');
  const content = written === undefined ? null : documents.follow(written);
  const isJsonText = isJson(readMediaType(written?.key ?? '')?.essence ?? '');
  return { schema: content === null ? null : memberPlace(content, 'schema'), isJson: isJsonText };
}

/** What is said of a parameter beside its schema is what a model has to know. */
function withDescription(schema: unknown, description: string): unknown {
  if (description === '') return schema;
  return isObject(schema) ? { ...schema, description } : { description };
}

type FoundBody =
  | {
      readonly ok: true;
      readonly contentType: string;
      readonly form: ToolBody['form'];
      readonly schema: unknown;
      readonly isRequired: boolean;
    }
  | { readonly ok: false; readonly problem: string };

function bodyOf({ operation, documents }: ArgumentSource): FoundBody | null {
  const written = memberPlace(operation, 'requestBody');
  const body = written === null ? null : documents.follow(written);
  if (body === null) return null;
  const contents = memberPlaces(body, 'content');
  const chosen = contents.map(({ key }) => formOf(key));
  const index = ['json', 'urlencoded', 'text']
    .map((form) => chosen.indexOf(form as ToolBody['form']))
    .find((at) => at !== -1);
  const content = index === undefined ? undefined : contents[index];
  const form = index === undefined ? undefined : chosen[index];
  if (content === undefined || form === undefined || form === null)
    return { ok: false, problem: `it takes only bodies of ${contents.map(({ key }) => key).join(', ')}` };
  const media = documents.follow(content);
  const place = media === null ? null : memberPlace(media, 'schema');
  const schema = place === null ? {} : inlined(place, { documents, refused: 'readOnly' });
  if (schema === null) return { ok: false, problem: 'the schema of its body is too large' };
  const isRequired = memberOf(body.value, 'required') === true;
  return { ok: true, contentType: content.key, form, schema, isRequired };
}

function formOf(mediaType: string): ToolBody['form'] | null {
  const essence = readMediaType(mediaType)?.essence ?? '';
  if (isJson(essence)) return 'json';
  if (essence === 'application/x-www-form-urlencoded') return 'urlencoded';
  return essence.startsWith('text/') && !essence.includes('*') ? 'text' : null;
}

/** The properties of a plain object stand beside the parameters, because models do better with flat arguments. */
function addBody(
  { contentType, form, schema, isRequired }: Extract<FoundBody, { ok: true }>,
  add: (name: string, place: string, schema: unknown) => string,
  required: string[],
): ToolBody {
  const properties = form === 'text' || !isRequired ? null : plainProperties(schema);
  if (properties === null) {
    const argument = add(
      'body',
      'request',
      form === 'text' && !hasType(schema) ? { type: 'string' } : schema,
    );
    if (isRequired) required.push(argument);
    return { contentType, form, argument, fields: [] };
  }
  const needed = new Set(listAt(schema, 'required'));
  const fields = Object.entries(properties).map(([name, property]) => {
    const argument = add(name, 'body', property);
    if (needed.has(name)) required.push(argument);
    return { argument, name };
  });
  return { contentType, form, argument: null, fields };
}

function hasType(schema: unknown): boolean {
  return memberOf(schema, 'type') !== undefined;
}

/** Keywords of an object that is no more than its properties. */
const PLAIN: ReadonlySet<string> = new Set([
  'additionalProperties',
  'default',
  'description',
  'examples',
  'properties',
  'required',
  'title',
  'type',
]);

function plainProperties(schema: unknown): JsonObject | null {
  if (!isObject(schema) || schema['type'] !== 'object' || !isObject(schema['properties'])) return null;
  const more = schema['additionalProperties'];
  const isClosed = more === undefined || more === false;
  return isClosed && Object.keys(schema).every((key) => PLAIN.has(key)) ? schema['properties'] : null;
}
