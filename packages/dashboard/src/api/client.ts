import type { Issue } from './types.ts';

/** What the API refused or failed at (RFC 9457). Status 0: nobody answered. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly issues: readonly Issue[];

  constructor(status: number, members: Readonly<Record<string, unknown>>) {
    super(textOf(members['title']) || `The gateway answered ${status}`);
    this.status = status;
    this.code = textOf(members['code']);
    this.detail = textOf(members['detail']);
    const issues = members['errors'] ?? members['issues'];
    this.issues = Array.isArray(issues) ? issues.map(asIssue) : [];
  }
}

/** Code of the problem that files of this program are not there. */
export const OUTDATED = 'OUTDATED';

/** Some operations say what is wrong in plain sentences. */
function asIssue(given: unknown): Issue {
  if (typeof given === 'string') return { message: given, pointer: '' };
  return { pointer: '', message: '', ...(given as object) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a request failed because there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

/** Whether it failed because there is no database behind the API, or none that answers. */
export function isUnsteered(error: unknown): boolean {
  return error instanceof Problem && (error.status === 404 || error.status === 503);
}

// What proves who we are. In memory only: the session itself is a cookie that no script can read.
let csrf = '';
let bearer = '';

/** From now on writes carry this, so that no page of another origin can make them. */
export function keepCsrfToken(token: string): void {
  csrf = token;
}

/** For gateways without sessions: the token goes with every request, and is gone with the page. */
export function keepBearerToken(token: string): void {
  bearer = token;
}

/** What a request may have beside its path. */
export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A list gives its name once for each of its values, even an empty one. */
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;
  readonly body?: unknown;
  /** A body that is no JSON, such as YAML. */
  readonly text?: { readonly type: string; readonly content: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** A status that is an answer all the same. */
  readonly expects?: number;
}

/** Asks the API; rejects with a `Problem`. What is no JSON is given as text. */
export async function ask<T>(path: string, given: Ask = {}): Promise<T> {
  const response = await askRaw(path, given);
  if (response.status === 204) return undefined as T;
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return (isJson ? response.json() : response.text()) as Promise<T>;
}

/** The same for what is read as it comes. */
export async function askRaw(path: string, given: Ask = {}): Promise<Response> {
  const response = await send(path, given);
  if (response.ok || response.status === given.expects) return response;
  const problem = await problemOf(response);
  // The session was begun anew in another tab: nothing was done yet, so it is asked once more with what is good now.
  if (!FOREIGN.has(problem.code) || path === ME || !(await renewCsrf())) throw problem;
  const again = await send(path, given);
  if (!again.ok && again.status !== given.expects) throw await problemOf(again);
  return again;
}

const ME = '/v1/me';

/** The token of another session: as the control plane says it, and the gateway itself. */
const FOREIGN: ReadonlySet<string> = new Set(['CSRF', 'NOT_FROM_OUR_PAGE']);

async function renewCsrf(): Promise<boolean> {
  const before = csrf;
  const me = await ask<{ readonly csrf?: string | null }>(ME);
  keepCsrfToken(me.csrf ?? '');
  return csrf !== before;
}

function send(path: string, given: Ask): Promise<Response> {
  const { method = 'GET', body, text, headers = {}, signal } = given;
  const content =
    text ?? (body === undefined ? null : { type: 'application/json', content: JSON.stringify(body) });
  return reach(pathWith(path, given.query), {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: {
      Accept: 'application/json, application/problem+json, text/plain;q=0.5, */*;q=0.1',
      ...(content && { 'Content-Type': content.type }),
      ...(method !== 'GET' && csrf !== '' && { 'X-CSRF-Token': csrf }),
      ...(bearer !== '' && { Authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(content && { body: content.content }),
    ...(signal && { signal }),
  });
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, {
      title: 'The gateway does not answer',
      code: 'UNREACHABLE',
      detail: 'Is it running, and can this machine reach its admin listener? It is asked again by itself.',
    });
  }
}

function pathWith(path: string, query: Ask['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    return new Problem(response.status, JSON.parse(text) as Record<string, unknown>);
  } catch {
    return new Problem(response.status, { detail: text.slice(0, 500) });
  }
}
