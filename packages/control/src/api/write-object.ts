import { DEFAULT_WORKSPACE, type ObjectRef, type StoredObject } from '../domain/objects.ts';
import { type Changed, ownedByFiles, titleOf } from './change.ts';
import { keyOf } from './heads.ts';
import type { Kit } from './kit.ts';
import type { Operation } from './operation.ts';
import { etagOf, unmet } from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { leftBy } from './show.ts';

/** One object that is to be something, or nothing. */
export interface Writing {
  readonly ref: ObjectRef;
  readonly document: StoredObject['document'] | null;
  readonly query: { readonly dryRun?: boolean; readonly message?: string; readonly workspace?: string };
  readonly call: Parameters<Operation['handle']>[0];
}

/** Puts or removes one object, if the caller is right about what is there. */
export async function writeObject({ ref, document, query, call }: Writing, kit: Kit): Promise<Reply> {
  const { dryRun = false, message = '' } = query;
  let before: StoredObject | undefined;
  const changed = await kit.changer.change({
    by: call,
    origin: 'api',
    message,
    isDryRun: dryRun,
    wishes: ({ objects }) => {
      before = objects.get(keyOf(ref));
      const isMissing = document === null && before === undefined;
      const owned = document === null && before !== undefined ? null : ownedByFiles([ref], kit.ports);
      if (owned !== null) return owned;
      const failed = unmet(call.header, before === undefined ? null : etagOf(before.revision));
      if (failed !== null) return failed;
      if (isMissing) return problem('NOT_FOUND', { detail: titleOf(ref) });
      const workspace = query.workspace ?? before?.workspace ?? DEFAULT_WORKSPACE;
      return [{ ...ref, workspace, document }];
    },
  });
  if (changed.kind === 'refused') return changed.reply;
  return written(changed, { ref, before, call }, kit);
}

async function written(
  changed: Changed & { kind: 'done' },
  { ref, before, call }: Pick<Writing, 'ref' | 'call'> & { readonly before: StoredObject | undefined },
  kit: Kit,
): Promise<Reply> {
  const { revision, changes } = changed;
  const plan = await kit.show.plan(changed);
  const [own] = changes;
  if (revision === null || own === undefined) {
    if (before === undefined || changes.length > 0) return answer(200, plan);
    return answer(200, { ...plan, object: await kit.show.stored(before) }, { ETag: etagOf(before.revision) });
  }
  const after = leftBy(own, revision);
  const action = after === null ? 'object.delete' : 'object.put';
  await kit.audit.done(call, { action, target: titleOf(ref), workspace: own.workspace, revision });
  if (after === null) return answer(200, plan);
  const status = before === undefined ? 201 : 200;
  return answer(status, { ...plan, object: await kit.show.stored(after) }, { ETag: etagOf(revision) });
}
