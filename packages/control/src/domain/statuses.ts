import type { Issue } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import type { ObjectRef, StoredObject } from './objects.ts';
import { nameOf } from './sources.ts';

/** What became of an object when the configuration was loaded. */
export interface ObjectStatus {
  readonly state: 'active' | 'quarantined' | 'shadowed';
  /** For people; `''` for an active one. */
  readonly reason: string;
  /** The version in use; `null`: none. */
  readonly usedRevision: number | null;
  /** What is wrong with it. */
  readonly issues: readonly Issue[];
}

/** A configuration of files and objects. */
export interface Steered {
  readonly loaded: Loaded;
  /** Objects that are not in use as they stand, by names such as `routes.user`. */
  readonly exceptions: ReadonlyMap<string, ObjectStatus>;
}

/** What became of one object. */
export function statusOf(
  { exceptions }: Steered,
  object: ObjectRef & { readonly revision: number },
): ObjectStatus {
  const active: ObjectStatus = { state: 'active', reason: '', usedRevision: object.revision, issues: [] };
  return exceptions.get(nameOf(object)) ?? active;
}

/** Names that are in quarantine, in order. */
export function quarantinedOf({ exceptions }: Steered): string[] {
  return [...exceptions].flatMap(([name, { state }]) => (state === 'quarantined' ? [name] : [])).sort();
}

/** Objects whose names files have. They are kept and not used, until the file gives the name up. */
export function shadowedOf(objects: readonly StoredObject[], { inFiles }: Loaded): Map<string, ObjectStatus> {
  return new Map(
    objects.flatMap((object): [string, ObjectStatus][] => {
      const owner = inFiles(object.kind, object.name);
      if (owner === null) return [];
      const reason = `${owner.file}:${owner.line}:${owner.column} has ${nameOf(object)} too, and files go first`;
      return [[nameOf(object), { state: 'shadowed', reason, usedRevision: null, issues: [] }]];
    }),
  );
}
