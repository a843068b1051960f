// The control plane of the gateway that does not exist: objects, revisions, keys, as the real one behaves. In memory.
import { isDeepStrictEqual } from 'node:util';
import { plainSource, readConfig } from '@turnpike/config';
import { type Json, type JsonObject, type Kind, KINDS } from '../src/api/types.ts';
import { type Documents, FILES, objects } from './world.ts';

export interface Change {
  readonly kind: Kind;
  readonly name: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

export interface Revision {
  readonly number: number;
  readonly at: number;
  readonly author: string;
  readonly message: string;
  readonly origin: string;
  readonly changes: readonly Change[];
  readonly risks: readonly JsonObject[];
  readonly state: Documents;
}

/** A wish for one object. */
export interface Wish {
  readonly kind: Kind;
  readonly name: string;
  readonly document: JsonObject | null;
}

/** What came of a change. */
export type Outcome =
  | { readonly kind: 'plan'; readonly plan: JsonObject }
  | { readonly kind: 'rejected'; readonly issues: readonly object[] };

/** Keeps everything; `at` is the time at the start. */
export function openStore(at: number) {
  const first = objects();
  const revisions: Revision[] = [
    revision(1, {
      at: at - 5_400_000,
      author: 'ada',
      message: 'Import of the old gateway',
      origin: 'import',
      changes: [],
      risks: [],
      state: first,
    }),
  ];
  const history: readonly [string, string, Wish][] = [
    [
      'ada',
      'Payments get a breaker',
      { kind: 'services', name: 'payments', document: { ...first.services['payments'], circuitBreaker: {} } },
    ],
    [
      'grace',
      '',
      {
        kind: 'routes',
        name: 'search-suggest',
        document: { ...first.routes['search-suggest'], policies: { rateLimit: { limit: 20, per: '1s' } } },
      },
    ],
    [
      'ada',
      'Slow clients time out',
      {
        kind: 'routes',
        name: 'orders',
        document: { ...first.routes['orders'], policies: { timeout: '4s' } },
      },
    ],
  ];
  for (const [index, [author, message, wish]] of history.entries())
    commit([wish], { author, message, origin: 'api', at: at - 3_000_000 + index * 900_000 });

  function head(): Revision {
    return revisions.at(-1)!;
  }

  /** The revision that wrote an object last. */
  function revisionOf(kind: Kind, name: string): Revision {
    return (
      revisions.findLast(({ changes }) => changes.some((one) => one.kind === kind && one.name === name)) ??
      revisions[0]!
    );
  }

  function issuesOf(
    state: Documents,
  ): readonly { readonly severity: string; readonly pointer: string; readonly message: string }[] {
    const listeners = { web: { address: '0.0.0.0:8080' }, secure: { address: '0.0.0.0:8443' } };
    const document = {
      listeners,
      ...Object.fromEntries(KINDS.map((kind) => [kind, { ...state[kind], ...FILES[kind] }])),
    };
    return readConfig([plainSource('', document)]).issues.map(({ message, pointer, code, severity }) => ({
      message,
      pointer,
      code,
      severity,
    }));
  }

  function commit(
    wishes: readonly Wish[],
    how: { readonly author: string; readonly message: string; readonly origin: string; readonly at: number },
  ): Revision {
    const { state, changes } = changed(head().state, wishes);
    const made = revision(head().number + 1, { ...how, changes, risks: risksOf(changes), state });
    revisions.push(made);
    return made;
  }

  return {
    head,
    revisions: () => revisions,
    revisionOf,
    find: (number: number) => revisions.find((one) => one.number === number),
    issuesOf,
    /** What a wish would be wrong with; `wishes` on top of what is there. */
    check: (wishes: readonly Wish[]) => issuesOf(changed(head().state, wishes).state),
    change(
      wishes: readonly Wish[],
      how: { readonly isDryRun: boolean; readonly message: string; readonly origin: string },
    ): Outcome {
      const { state, changes } = changed(head().state, wishes);
      const issues = issuesOf(state);
      const errors = issues.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) return { kind: 'rejected', issues: errors };
      const made =
        how.isDryRun || changes.length === 0
          ? null
          : commit(wishes, { ...how, author: 'you', at: Date.now() });
      return {
        kind: 'plan',
        plan: {
          revision: made?.number ?? null,
          changes: changes.map(viewOf),
          risks: risksOf(changes),
          warnings: [],
        },
      };
    },
    between: (from: Documents, to: Documents) => KINDS.flatMap((kind) => wishesBetween(kind, from, to)),
    viewOf,
    changes: (from: Documents, wishes: readonly Wish[]) => changed(from, wishes).changes,
  };
}

function revision(number: number, rest: Omit<Revision, 'number'>): Revision {
  return { number, ...rest };
}

function changed(
  state: Documents,
  wishes: readonly Wish[],
): { readonly state: Documents; readonly changes: readonly Change[] } {
  const next = structuredClone(state);
  const changes: Change[] = [];
  for (const { kind, name, document } of wishes) {
    const before = next[kind][name] ?? null;
    if (isDeepStrictEqual(before, document)) continue;
    if (document === null) delete next[kind][name];
    else next[kind][name] = document;
    changes.push({ kind, name, before, after: document });
  }
  return { state: next, changes };
}

function wishesBetween(kind: Kind, from: Documents, to: Documents): Wish[] {
  const names = new Set([...Object.keys(from[kind]), ...Object.keys(to[kind])]);
  return [...names]
    .map((name) => ({ kind, name, document: to[kind][name] ?? null }))
    .filter(({ name, document }) => !isDeepStrictEqual(from[kind][name] ?? null, document));
}

function viewOf({ kind, name, before, after }: Change): JsonObject {
  const action = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return {
    kind,
    name,
    workspace: 'default',
    action,
    fields: action === 'changed' ? fieldsOf(before ?? {}, after ?? {}, '') : [],
  };
}

function fieldsOf(before: Json | undefined, after: Json | undefined, path: string): JsonObject[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldsOf(before[key], after[key], `${path}/${key}`));
  }
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function risksOf(changes: readonly Change[]): JsonObject[] {
  const removed = changes.filter(({ kind, after }) => kind === 'routes' && after === null);
  const opened = changes.filter(
    ({ kind, before, after }) =>
      kind === 'routes' &&
      hasPolicy(before, 'authenticate') &&
      !hasPolicy(after, 'authenticate') &&
      after !== null,
  );
  const named = (list: readonly Change[]): JsonObject => ({
    objects: list.map(({ kind, name }) => `${kind}.${name}`),
    count: list.length,
  });
  return [
    ...(opened.length > 0
      ? [
          {
            level: 'high',
            code: 'AUTHENTICATION_REMOVED',
            message: `${opened.length} route loses authentication`,
            ...named(opened),
          },
        ]
      : []),
    ...(removed.length > 0
      ? [
          {
            level: 'medium',
            code: 'ROUTE_REMOVED',
            message: `${removed.length} route is removed`,
            ...named(removed),
          },
        ]
      : []),
  ];
}

function hasPolicy(document: JsonObject | null, name: string): boolean {
  const policies = document?.['policies'];
  return isObject(policies) && Object.hasOwn(policies, name);
}
