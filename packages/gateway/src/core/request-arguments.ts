import { isUtf8 } from 'node:buffer';
import { isWhole } from './body.ts';
import { collectBody } from './collect-body.ts';
import { isJsonObject, type NumberReader, parseExactly } from './exact-json.ts';
import type { Exchange, Reply } from './exchange.ts';
import { isContentCoded } from './http/content-coding.ts';
import { refuse } from './problem.ts';

/** Where a route has arguments, and what they may be. */
export interface ArgumentPlan {
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
  /** Of the body. */
  readonly maxBytes: number;
  /** Who refuses: the path of the translation in the configuration of the route. */
  readonly rule: string;
  readonly number: NumberReader;
}

/** What a request of HTTP and JSON says, or why that cannot be read. */
export type RequestArguments =
  | {
      readonly kind: 'arguments';
      /** In the path and the query, decoded. */
      readonly texts: ReadonlyMap<string, readonly string[]>;
      /** In the body. What the path or the query says too is left out: what was allowed for them must not be done to another. */
      readonly members: ReadonlyMap<string, unknown>;
    }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Reads the arguments of a request: parameters of its path, of its query, and members of a JSON object. Earlier ones win. */
export async function requestArguments(exchange: Exchange, plan: ArgumentPlan): Promise<RequestArguments> {
  const { rule, maxBytes } = plan;
  if (!hasJson(exchange))
    return { kind: 'refused', reply: refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', { rule, fields: ACCEPT }) };
  const { bytes, body } = await collectBody(exchange, exchange.body, maxBytes);
  exchange.body = body;
  if (bytes === null) {
    if (!isWhole(body)) body.cancel();
    return { kind: 'refused', reply: refuse(exchange, 'BODY_TOO_LARGE', { rule: `${rule}.messageSize` }) };
  }
  const texts = addressTexts(exchange, plan.parameters);
  if (texts === null) return invalidArguments(exchange, rule, 'The path is not UTF-8.');
  const given = bytes === '' ? {} : jsonOf(bytes, plan.number);
  if (!isJsonObject(given)) return invalidArguments(exchange, rule, 'The body has to be a JSON object.');
  return {
    kind: 'arguments',
    texts,
    members: new Map(Object.entries(given).filter(([name]) => !texts.has(name))),
  };
}

/** The request says something that the service has no place for. */
export function invalidArguments(
  exchange: Exchange,
  rule: string,
  detail: string,
): { readonly kind: 'refused'; readonly reply: Reply } {
  return { kind: 'refused', reply: refuse(exchange, 'INVALID_REQUEST', { rule, detail }) };
}

/** Bytes as text, or null if they are no UTF-8. */
export function utf8Text(bytes: string): string | null {
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString() : null;
}

const ACCEPT = [['Accept', 'application/json']] as const;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Whether the body of a message is JSON, by what its head says. */
export function isJsonType(contentType: string | undefined): boolean {
  return JSON_TYPE.test(contentType ?? '');
}

/** Another type is refused even where it could be read: forms of other sites have those (CSRF). */
function hasJson({ body, headers }: Exchange): boolean {
  return (
    body === null || body === '' || (isJsonType(headers.get('content-type')) && !isContentCoded(headers))
  );
}

function jsonOf(bytes: string, number: NumberReader): unknown {
  const text = utf8Text(bytes);
  return text === null ? undefined : parseExactly(text, number);
}

/** The path wins. Null: it cannot be decoded. */
function addressTexts(
  { params, targetQuery }: Exchange,
  parameters: readonly string[],
): ReadonlyMap<string, readonly string[]> | null {
  const query = new URLSearchParams(targetQuery);
  const texts = new Map(Array.from(new Set(query.keys()), (name) => [name, query.getAll(name)]));
  try {
    for (const [index, name] of parameters.entries())
      texts.set(name, [decodeURIComponent(params[index] ?? '')]);
  } catch {
    return null;
  }
  return texts;
}
