import type { ApiTool, ToolBody, ToolParameter } from '@turnpike/config/validation';
import type { Json } from '../../core/identity.ts';
import { Headers } from '../../core/headers.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import { bodyText } from '../../core/mcp/rpc-reply.ts';
import type { OwnRequest } from './own-exchange.ts';

/** A request that arguments make; or what is wrong with them, for a model to read. */
export type MadeRequest =
  | { readonly ok: true; readonly request: OwnRequest }
  | { readonly ok: false; readonly problem: string };

/** Values of arguments end up in a head, so they must not look like a part of it. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

/** Makes the request of an operation. The arguments have been held against its schema before. */
export function apiRequest(tool: ApiTool, basePath: string, args: JsonRecord): MadeRequest {
  const path = pathOf(tool, args);
  if (!path.ok) return path;
  const headers = new Headers().append('Accept', 'application/json, text/*;q=0.9, */*;q=0.5');
  headers.append('Accept-Encoding', 'identity');
  for (const parameter of tool.parameters) {
    const value = args[parameter.argument];
    if (parameter.in !== 'header' || value === undefined) continue;
    const text = simple(value, parameter);
    if (!FIELD_VALUE.test(text)) return refused(`${parameter.argument} must be one line of ASCII`);
    headers.append(parameter.name, text.trim());
  }
  const body = tool.body === null ? null : bodyOf(tool.body, args);
  if (body !== null && tool.body !== null) headers.append('Content-Type', tool.body.contentType);
  const prefix = basePath === '/' ? '' : basePath;
  return {
    ok: true,
    request: {
      method: tool.method,
      path: prefix + path.text,
      query: queryOf(tool.parameters, args),
      headers,
      body,
    },
  };
}

function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

type PathText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** An argument is one segment, or a part of one: it can never lead to another path. */
function pathOf({ template, parameters }: ApiTool, args: JsonRecord): PathText {
  const inPath = new Map(parameters.filter((one) => one.in === 'path').map((one) => [one.name, one]));
  const pieces = template.split(/\{([^{}]*)\}/);
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) {
      text += encodeURI(decodeSafely(piece)).replaceAll(/[?#]/g, encodeURIComponent);
      continue;
    }
    const parameter = inPath.get(piece);
    const value = parameter === undefined ? undefined : args[parameter.argument];
    if (parameter === undefined || value === undefined) return refused(`the path needs ${piece}`);
    const written = simple(value, parameter);
    if (written === '' || !written.isWellFormed()) return refused(`${parameter.argument} must not be empty`);
    text += encodeURIComponent(written).replaceAll('%2C', ',');
  }
  const isDotted = text.split('/').some((segment) => segment === '.' || segment === '..');
  return isDotted ? refused('no part of the path may be "." or ".."') : { ok: true, text };
}

function decodeSafely(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    // Not encoded: it stands for itself.
    return text;
  }
}

function queryOf(parameters: readonly ToolParameter[], args: JsonRecord): string {
  const pairs = parameters.flatMap((parameter): (readonly [string, string])[] => {
    const value = args[parameter.argument];
    return parameter.in !== 'query' || value === undefined ? [] : pairsOf(parameter, value);
  });
  return pairs.length === 0 ? '' : `?${pairs.map(encodedPair).join('&')}`;
}

function encodedPair([name, value]: readonly [string, string]): string {
  return `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`;
}

const SEPARATORS: Readonly<Record<ToolParameter['style'], string>> = {
  simple: ',',
  form: ',',
  spaceDelimited: ' ',
  pipeDelimited: '|',
  deepObject: ',',
};

/** A parameter of the query (OpenAPI 3.2 §4.12.2.2). */
function pairsOf(
  { name, style, explode, isJson }: ToolParameter,
  value: Json,
): (readonly [string, string])[] {
  if (isJson) return [[name, JSON.stringify(value)]];
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(scalar);
    return explode ? items.map((item) => [name, item] as const) : [[name, items.join(SEPARATORS[style])]];
  }
  if (!isRecord(value)) return [[name, scalar(value)]];
  const entries = Object.entries(value);
  if (style === 'deepObject')
    return entries.map(([key, member]) => [`${name}[${key}]`, scalar(member)] as const);
  if (explode) return entries.map(([key, member]) => [key, scalar(member)] as const);
  return [[name, entries.flatMap(([key, member]) => [key, scalar(member)]).join(SEPARATORS[style])]];
}

/** The style of paths and headers. */
function simple(value: Json, { explode, isJson }: ToolParameter): string {
  if (isJson) return JSON.stringify(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(scalar).join(',');
  if (!isRecord(value)) return scalar(value);
  const sign = explode ? '=' : ',';
  return Object.entries(value)
    .map(([key, member]) => `${key}${sign}${scalar(member)}`)
    .join(',');
}

function scalar(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

function bodyOf({ form, argument, fields }: ToolBody, args: JsonRecord): string | null {
  const value = argument === null ? fieldsOf(fields, args) : args[argument];
  if (value === undefined) return null;
  if (form === 'json') return bodyText(JSON.stringify(value));
  if (form === 'text') return bodyText(scalar(value));
  const pairs = Object.entries(isRecord(value) ? value : {}).flatMap(([name, member]) =>
    pairsOf(
      { argument: name, name, in: 'query', style: 'form', explode: true, isJson: isRecord(member) },
      member,
    ),
  );
  return new URLSearchParams(pairs.map(([name, member]): [string, string] => [name, member])).toString();
}

function fieldsOf(fields: ToolBody['fields'], args: JsonRecord): JsonRecord {
  const present = fields.flatMap(({ argument, name }) => {
    const value = args[argument];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}
