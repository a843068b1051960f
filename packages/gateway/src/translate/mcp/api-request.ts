import type { ApiTool, ToolBody, ToolParameter } from '@turnpike/config/validation';
import { Headers } from '../../core/headers.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import { bodyText } from '../../core/mcp/rpc-reply.ts';
import { apiPath } from './api-path.ts';
import type { OwnRequest } from './own-exchange.ts';
import { argumentOf, isObject, pairsOf, scalar, simple, type Pair } from './parameter-text.ts';

/** A request that arguments make; or what is wrong with them, for a model to read. */
export type MadeRequest =
  | { readonly ok: true; readonly request: OwnRequest }
  | { readonly ok: false; readonly problem: string };

/** Values of arguments end up in a head, so they must not look like a part of it. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

/** Makes the request of an operation. The arguments have been held against its schema before. */
export function apiRequest(tool: ApiTool, basePath: string, args: JsonRecord): MadeRequest {
  const path = apiPath(tool, basePath, args);
  if (!path.ok) return path;
  const headers = new Headers().append('Accept', 'application/json, text/*;q=0.9, */*;q=0.5');
  headers.append('Accept-Encoding', 'identity');
  for (const parameter of tool.parameters) {
    const value = argumentOf(args, parameter.argument);
    if (parameter.in !== 'header' || value === undefined) continue;
    const text = simple(value, parameter);
    if (!FIELD_VALUE.test(text)) return refused(`${parameter.argument} must be one line of ASCII`);
    headers.append(parameter.name, text.trim());
  }
  const query = pairsOfQuery(tool.parameters, args);
  const twice = foreignName(tool.parameters, query);
  if (twice !== null) return refused(`${twice} is an argument of its own, so no object may have it`);
  const body = tool.body === null ? null : bodyOf(tool.body, args);
  if (body !== null && tool.body !== null) headers.append('Content-Type', tool.body.contentType);
  const request = { method: tool.method, path: path.text, query: queryOf(query), headers, body };
  return { ok: true, request };
}

function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** With the parameter that each is of. */
function pairsOfQuery(
  parameters: readonly ToolParameter[],
  args: JsonRecord,
): readonly (readonly [ToolParameter, Pair])[] {
  return parameters.flatMap((parameter) => {
    const value = argumentOf(args, parameter.argument);
    if (parameter.in !== 'query' || value === undefined) return [];
    return pairsOf(parameter, value).map((pair) => [parameter, pair] as const);
  });
}

/** A name of another parameter, which an object has brought along: the service would see that one twice, or for the first time. */
function foreignName(
  parameters: readonly ToolParameter[],
  pairs: readonly (readonly [ToolParameter, Pair])[],
): string | null {
  const names = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
  const found = pairs.find(([parameter, [name]]) => name !== parameter.name && names.has(name));
  return found?.[1][0] ?? null;
}

function queryOf(pairs: readonly (readonly [ToolParameter, Pair])[]): string {
  return pairs.length === 0 ? '' : `?${pairs.map(([, pair]) => encodedPair(pair)).join('&')}`;
}

function encodedPair([name, value]: Pair): string {
  return `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`;
}

function bodyOf({ form, argument, fields }: ToolBody, args: JsonRecord): string | null {
  const value = argument === null ? fieldsOf(fields, args) : argumentOf(args, argument);
  if (value === undefined) return null;
  if (form === 'json') return bodyText(JSON.stringify(value));
  if (form === 'text') return bodyText(scalar(value));
  const pairs = Object.entries(isRecord(value) ? value : {}).flatMap(([name, member]) =>
    pairsOf(
      { argument: name, name, in: 'query', style: 'form', explode: true, isJson: isObject(member) },
      member,
    ),
  );
  return new URLSearchParams(pairs.map(([name, member]): [string, string] => [name, member])).toString();
}

function fieldsOf(fields: ToolBody['fields'], args: JsonRecord): JsonRecord {
  const present = fields.flatMap(({ argument, name }) => {
    const value = argumentOf(args, argument);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}
