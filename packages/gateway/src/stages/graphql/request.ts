import { isJsonObject, parseExactly, plainNumber } from '../../core/exact-json.ts';
import type { Exchange } from '../../core/exchange.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';

/** One operation as it is asked for (GraphQL over HTTP, "Request"). */
export interface GraphqlRequest {
  /** The document, or null where the client only names it. */
  readonly query: string | null;
  /** By what it names the document: an id, or the SHA-256 of its text. */
  readonly documentId: string | null;
  /** The SHA-256 with which it registers the document, or asks for one that is registered; lower-case hex. */
  readonly sha256: string | null;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** All members, for the one who gets it. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** What a request asks for; a text says what is wrong with it. */
export interface ReadRequests {
  readonly requests: readonly GraphqlRequest[];
  readonly isBatch: boolean;
}

const MEMBERS = ['query', 'documentId', 'operationName', 'variables', 'extensions'] as const;
const SHA256 = /^[0-9a-f]{64}$/i;

/** Whether a body of this type can be a request. Others could be sent across origins without being asked (CSRF). */
export function isJson(exchange: Exchange): boolean {
  const type = exchange.headers.get('content-type') ?? '';
  return /^application\/(?:json|graphql\+json)\s*(?:;|$)/i.test(type) && !isContentCoded(exchange.headers);
}

/** A request by GET: the members are parameters of the query. */
export function readQuery(query: string): ReadRequests | string {
  const parameters = new URLSearchParams(query);
  const members: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const [first, ...others] = parameters.getAll(name);
    // Two readers could take two different ones.
    if (others.length > 0) return `The parameter "${name}" is given more than once.`;
    if (first === undefined || first === '') continue;
    if (name === 'variables' || name === 'extensions') {
      const value = parseExactly(first);
      if (value === undefined) return `The parameter "${name}" is not JSON.`;
      members[name] = value;
    } else {
      members[name] = first;
    }
  }
  const request = requestOf(members);
  return typeof request === 'string' ? request : { requests: [request], isBatch: false };
}

/** A request by POST. Members in the query would be read by some services, and not by others. */
export function readBody(text: string, query: string): ReadRequests | string {
  const parameters = query === '' ? null : new URLSearchParams(query);
  const stray = MEMBERS.find((name) => parameters?.has(name) === true);
  if (stray !== undefined) return `"${stray}" belongs in the body, not in the query of the address.`;
  const value = parseExactly(Buffer.from(text, 'latin1').toString());
  if (value === undefined) return 'The body is not JSON.';
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  if (entries.length === 0) return 'The batch is empty.';
  const requests: GraphqlRequest[] = [];
  for (const entry of entries) {
    const request = requestOf(entry);
    if (typeof request === 'string') return request;
    requests.push(request);
  }
  return { requests, isBatch: Array.isArray(value) };
}

function requestOf(entry: unknown): GraphqlRequest | string {
  if (!isJsonObject(entry))
    return 'A request is an object with "query", "operationName", "variables" and "extensions".';
  const {
    query = null,
    operationName = null,
    variables = null,
    extensions = null,
    documentId = null,
  } = entry;
  if (query !== null && typeof query !== 'string') return '"query" has to be a text.';
  if (operationName !== null && typeof operationName !== 'string') return '"operationName" has to be a text.';
  if (documentId !== null && typeof documentId !== 'string') return '"documentId" has to be a text.';
  if (variables !== null && !isJsonObject(variables)) return '"variables" has to be an object.';
  if (extensions !== null && !isJsonObject(extensions)) return '"extensions" has to be an object.';
  const sha256 = sha256Of(extensions);
  if (sha256 !== null && !SHA256.test(sha256)) return '"persistedQuery.sha256Hash" is no SHA-256 in hex.';
  if (query === null && documentId === null && sha256 === null) return 'There is no "query".';
  return {
    query,
    documentId,
    sha256: sha256?.toLowerCase() ?? null,
    operationName: operationName === '' ? null : operationName,
    variables: Object.fromEntries(
      Object.entries(variables ?? {}).map(([name, value]) => [name, plainNumber(value)]),
    ),
    members: entry,
  };
}

function sha256Of(extensions: Readonly<Record<string, unknown>> | null): string | null {
  const persisted = extensions?.['persistedQuery'];
  if (!isJsonObject(persisted)) return null;
  const { sha256Hash = null } = persisted;
  return sha256Hash === null || typeof sha256Hash === 'string' ? sha256Hash : '';
}

/** A body that says what we have read, and nothing that another reader could read otherwise. */
export function bodyText(
  { requests, isBatch }: ReadRequests,
  documents: readonly { readonly text: string }[],
): string {
  const bodies = requests.map(({ members }, index) => ({
    ...without(members, ['documentId']),
    query: documents[index]?.text,
    ...('extensions' in members && {
      extensions: without(members['extensions'] as Readonly<Record<string, unknown>>, ['persistedQuery']),
    }),
  }));
  return Buffer.from(JSON.stringify(isBatch ? bodies : bodies[0])).toString('latin1');
}

function without(members: Readonly<Record<string, unknown>> | null, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(members ?? {}).filter(([name]) => !names.includes(name)));
}
