import { setImmediate } from 'node:timers/promises';
import {
  DEFAULT_WORKSPACE,
  type ObjectChange,
  type ObjectRef,
  type StoredObject,
} from '../domain/objects.ts';
import type { Changed } from './change.ts';
import type { ApiPorts, FileObject } from './ports.ts';
import { etagOf } from './preconditions.ts';
import { issueViews } from './problems.ts';

/** What people see of objects and of changes to them. Never a secret. */
export interface Showing {
  stored(object: StoredObject): Promise<object>;
  ofFile(object: FileObject): object;
  changes(changes: readonly ObjectChange[]): Promise<readonly object[]>;
  plan(changed: Changed & { kind: 'done' }): Promise<object>;
  /** When and by whom a revision was made. */
  writing(revision: number): Promise<Writing>;
}

/** When and by whom something was written; null: nobody knows any more. */
export interface Writing {
  readonly at: number | null;
  readonly author: string | null;
  readonly message: string;
}

/** So many revisions are remembered by their time and author. */
const MOST_REMEMBERED = 10_000;

/** Makes what people see. */
export function showing({ rules, store }: Pick<ApiPorts, 'rules' | 'store'>): Showing {
  const writings = new Map<number, Promise<Writing>>();

  /** Revisions never change, so who asks twice need not read twice; what failed is asked anew. */
  function writingOf(revision: number): Promise<Writing> {
    const known = writings.get(revision);
    if (known !== undefined) return known;
    if (writings.size >= MOST_REMEMBERED) writings.clear();
    const asked = readWriting(revision);
    writings.set(revision, asked);
    asked.catch(() => writings.delete(revision));
    return asked;
  }

  async function readWriting(revision: number): Promise<Writing> {
    const found = await store.revisions.summary(revision);
    return { at: found?.at ?? null, author: found?.author ?? null, message: found?.message ?? '' };
  }

  /** Changes are answered when the gateway has taken them over, or could not. */
  const servedOf = (made: number | null): object | null => {
    if (made === null) return null;
    const { revision, problem } = rules.standing();
    if (revision >= made) return { now: true, reason: '' };
    return {
      now: false,
      reason: problem || 'this gateway has not taken it yet; a roll-out may send it to others first',
    };
  };

  const shownChange = (change: ObjectChange): object => {
    const { kind, name, workspace } = change;
    return { kind, name, workspace, action: actionOf(change), fields: rules.fields(change) };
  };

  async function shownChanges(changes: readonly ObjectChange[]): Promise<readonly object[]> {
    const shown: object[] = [];
    for (const [index, change] of changes.entries()) {
      shown.push(shownChange(change));
      // Thousands take a while, and others have questions too.
      if (index % PART === PART - 1) await setImmediate();
    }
    return shown;
  }

  return {
    writing: writingOf,
    async stored(object) {
      const { at, author } = await writingOf(object.revision);
      const { kind, name, workspace, document, revision } = object;
      return {
        kind,
        name,
        workspace,
        owner: 'database',
        document: rules.shown(object, document),
        revision,
        etag: etagOf(revision),
        origin: null,
        status: rules.status(object),
        updatedAt: at,
        updatedBy: author,
      };
    },
    ofFile: ({ kind, name, document, file, line }) => ({
      kind,
      name,
      workspace: DEFAULT_WORKSPACE,
      owner: 'files',
      document,
      revision: null,
      etag: null,
      origin: { file, line },
      status: { state: 'active', reason: '', usedRevision: null },
      updatedAt: null,
      updatedBy: null,
    }),
    changes: shownChanges,
    async plan({ revision, changes, risks, warnings }) {
      const shown = await shownChanges(changes);
      return { revision, changes: shown, risks, warnings: issueViews(warnings), served: servedOf(revision) };
    },
  };
}

/** So many changes are compared before others have their turn. */
const PART = 100;

function actionOf({ before, after }: ObjectChange): 'added' | 'changed' | 'removed' {
  if (before === null) return 'added';
  return after === null ? 'removed' : 'changed';
}

/** The objects that a change leaves, as they are stored then. */
export function leftBy(change: ObjectChange, revision: number): StoredObject | null {
  const { kind, name, workspace, after } = change;
  return after === null ? null : { kind, name, workspace, document: after, revision };
}

/** Whether two are the same object. */
export function isSame(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name;
}
