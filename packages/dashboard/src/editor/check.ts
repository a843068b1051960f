import { useEffect, useState } from 'react';
import { ask, Problem } from '../api/client.ts';
import { keepPreviousData, useQuery } from '../api/query.ts';
import type { Issue, JsonObject, Kind } from '../api/types.ts';
import { shapeReader, type Shape } from './shape.ts';

/** The schema of one object of a kind, as a form sees it. Large, so it is asked for once. */
export function useShape(kind: Kind) {
  return useQuery({
    queryKey: ['schema', kind],
    queryFn: async ({ signal }): Promise<Shape> => {
      const schema = await ask<Schema>('/v1/schema', { signal });
      const section = schema.properties?.[kind];
      if (section?.additionalProperties === undefined)
        throw new Problem(-1, { title: `The schema of this gateway has no ${kind}` });
      return shapeReader(schema)(section.additionalProperties);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly additionalProperties?: object }>>;
}

/** What the gateway says of a document that nobody has applied. */
export interface Verdict {
  readonly issues: readonly Issue[];
  /** The answer is about the document as it is now. */
  readonly isCurrent: boolean;
  /** The gateway could not be asked. */
  readonly hasFailed: boolean;
}

const PAUSE_MS = 350;

/** Has the gateway look at the document whenever who types pauses. Pointers are made relative to the object. */
export function useCheck(kind: Kind, name: string, document: JsonObject, isOn: boolean): Verdict {
  const settled = useSettled(document);
  const checked = useQuery({
    queryKey: ['check', kind, name, settled],
    queryFn: ({ signal }) => check({ kind, name, document: settled }, signal),
    enabled: isOn,
    gcTime: 10_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const isCurrent = settled === document && !checked.isFetching;
  return { issues: checked.data ?? [], isCurrent, hasFailed: checked.isError };
}

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

interface Checked {
  readonly issues?: readonly Issue[];
  readonly errors?: readonly Issue[];
}

async function check(
  { kind, name, document }: { readonly kind: Kind; readonly name: string; readonly document: JsonObject },
  signal: AbortSignal,
): Promise<readonly Issue[]> {
  const own = name === '' ? 'new' : name;
  const body = { [kind]: { [own]: document } };
  const found = await verdictOn(body, signal);
  const prefix = `/${kind}/${own.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return found.map((issue) => {
    if (!issue.pointer.startsWith(prefix)) return issue;
    // The field says where it is already.
    const message = issue.message.replace(/^[\w$]+\.\S*: /, '');
    return { ...issue, message, pointer: issue.pointer.slice(prefix.length) };
  });
}

/** Some answer what is wrong as a problem, some as what they found. */
async function verdictOn(body: object, signal: AbortSignal): Promise<readonly Issue[]> {
  try {
    const { issues, errors } = await ask<Checked>('/v1/validate', { method: 'POST', body, signal });
    return issues ?? errors ?? [];
  } catch (error) {
    if (error instanceof Problem && error.issues.length > 0) return error.issues;
    throw error;
  }
}
