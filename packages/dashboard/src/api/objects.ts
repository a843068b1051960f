import { ask, isUnsteered, Problem } from './client.ts';
import { wordsOf } from './kinds.ts';
import { keepPreviousData, useQuery } from './query.ts';
import { STEP_MS } from './rollouts.ts';
import type { JsonObject, Kind, ObjectView, ObjectVersion, Origin, Page, Plan, Selection } from './types.ts';

/** Objects of a kind, as far as they are shown at once. */
export interface Listed {
  readonly items: readonly ObjectView[];
  /** There are more than fit; the search asks the gateway. */
  readonly isCut: boolean;
  /** Read from the configuration in use, because nothing can be changed here. */
  readonly isReadOnly: boolean;
}

const MOST = 1000;

/** All objects of a kind; without a control plane those of the configuration in use. */
export function useObjects(kind: Kind, search = '') {
  return useQuery({
    queryKey: ['objects', kind, search],
    queryFn: ({ signal }) => listObjects(kind, search, signal),
    placeholderData: keepPreviousData,
  });
}

async function listObjects(kind: Kind, q: string, signal: AbortSignal): Promise<Listed> {
  try {
    const page = await ask<Page<ObjectView>>(`/v1/${wordsOf(kind).path}`, {
      query: { limit: MOST, q },
      signal,
    });
    return { items: page.items, isCut: page.next !== null, isReadOnly: false };
  } catch (error) {
    if (!isUnsteered(error)) throw error;
    return { items: await effectiveObjects(kind, signal), isCut: false, isReadOnly: true };
  }
}

/** One object. */
export function useObject(kind: Kind, name: string) {
  return useQuery({
    queryKey: ['object', kind, name],
    queryFn: ({ signal }) => findObject(kind, name, signal),
    enabled: name !== '',
  });
}

async function findObject(
  kind: Kind,
  name: string,
  signal: AbortSignal,
): Promise<ObjectView & { isReadOnly: boolean }> {
  try {
    const view = await ask<ObjectView>(`/v1/${wordsOf(kind).path}/${encodeURIComponent(name)}`, { signal });
    return { ...view, isReadOnly: view.owner === 'files' };
  } catch (error) {
    if (!isUnsteered(error)) throw error;
    const found = (await effectiveObjects(kind, signal)).find((one) => one.name === name);
    if (found === undefined)
      throw error instanceof Problem && error.status === 404 ? error : missing(kind, name);
    return { ...found, isReadOnly: true };
  }
}

function missing(kind: Kind, name: string): Problem {
  return new Problem(404, { title: `There is no ${wordsOf(kind).one} "${name}"`, code: 'NOT_FOUND' });
}

/** Versions of one object, newest first. */
export function useHistory(kind: Kind, name: string) {
  return useQuery({
    queryKey: ['history', kind, name],
    queryFn: ({ signal }) =>
      ask<Page<ObjectVersion>>(`/v1/${wordsOf(kind).path}/${encodeURIComponent(name)}/history`, { signal }),
  });
}

/** What a change would do, or does. */
export function putObject(
  { kind, name }: { readonly kind: Kind; readonly name: string },
  document: JsonObject,
  { etag, workspace, ...how }: PutHow,
): Promise<Plan> {
  return ask<Plan>(`/v1/${wordsOf(kind).path}/${encodeURIComponent(name)}`, {
    method: 'PUT',
    body: document,
    query: { dryRun: how.isDryRun ? 'true' : null, message: how.message, workspace },
    headers: etag === null ? { 'If-None-Match': '*' } : { 'If-Match': etag },
  });
}

/** Writes an object on some gateways first, and on the others when that goes well. */
export function putInSteps(
  { kind, name }: { readonly kind: Kind; readonly name: string },
  document: JsonObject,
  { steps, message }: { readonly steps: readonly Selection[]; readonly message: string },
): Promise<Plan> {
  const put = { [kind]: { [name]: document } };
  return ask<Plan>('/v1/rollouts', {
    method: 'POST',
    body: { put, steps, stepMs: STEP_MS, ...(message && { message }) },
  });
}

/** How an object is written. */
export interface PutHow {
  /** Of the version that was edited; `null`: there must be none yet. */
  readonly etag: string | null;
  readonly workspace: string;
  readonly isDryRun: boolean;
  readonly message?: string;
}

/** Removes an object, or says what that would do. */
export function removeObject(
  { kind, name, etag }: Pick<ObjectView, 'kind' | 'name' | 'etag'>,
  how: { readonly isDryRun: boolean; readonly message?: string },
): Promise<Plan> {
  return ask<Plan>(`/v1/${wordsOf(kind).path}/${encodeURIComponent(name)}`, {
    method: 'DELETE',
    query: { dryRun: how.isDryRun ? 'true' : null, message: how.message },
    headers: etag === null ? {} : { 'If-Match': etag },
  });
}

// Without a database the configuration in use is read: the merged document where the gateway gives it, or else its
// resolved form, in which objects are lists and durations are milliseconds.

async function effectiveObjects(kind: Kind, signal: AbortSignal): Promise<ObjectView[]> {
  try {
    const document = await ask<Record<string, Record<string, JsonObject>>>('/v1/effective', { signal });
    return Object.entries(document[kind] ?? {}).map(([name, one]) => viewOf(kind, name, one, null));
  } catch (error) {
    if (!isUnsteered(error)) throw error;
    const config = await ask<Record<string, unknown>>('/config', { signal });
    const section = config[kind];
    return (Array.isArray(section) ? section : []).map(({ id, origin, ...rest }) =>
      viewOf(kind, String(id), rest as JsonObject, (origin ?? null) as Origin | null),
    );
  }
}

function viewOf(kind: Kind, name: string, document: JsonObject, origin: Origin | null): ObjectView {
  return {
    kind,
    name,
    document,
    origin,
    workspace: 'default',
    owner: 'files',
    revision: null,
    etag: null,
    status: { state: 'active', reason: '', usedRevision: null },
    updatedAt: null,
    updatedBy: null,
  };
}
