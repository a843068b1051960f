import type { Issue } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import { blameAmong } from './blame.ts';
import type { StoredObject } from './objects.ts';
import { byAge } from './sources.ts';

/** Who is to blame for the errors of a load. */
export interface Verdict {
  readonly blamed: ReadonlyMap<StoredObject, readonly Issue[]>;
  /** What no object is to blame for. */
  readonly ofFiles: readonly Issue[];
}

/** Loads files and some of the objects. */
export type Try = (objects: readonly StoredObject[]) => Promise<Loaded>;

/** Errors that two have together: the check names one of them, and it may be the wrong one. */
const SHARED: ReadonlySet<Issue['code']> = new Set([
  'CONFLICT',
  'DUPLICATE_ROUTE',
  'DUPLICATE_ENTRY',
  'DUPLICATE_CREDENTIAL',
]);

/** How many loads may be spent on finding somebody else to blame. A search among 10,000 objects takes 15, one in vain takes one. */
const MAX_LOADS = 40;

/** Makes judges that look for the one who came later where two are in each other's way. */
export function createJudge(attempt: Try) {
  let loads = 0;
  return async (loaded: Loaded, used: readonly StoredObject[]): Promise<Verdict> => {
    const errors = loaded.issues.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return { blamed: new Map(), ofFiles: [] };
    const inUse = used.filter(({ kind, name }) => loaded.inFiles(kind, name) === null).toSorted(byAge);
    const blame = blameAmong(inUse);
    const blamed = new Map<StoredObject, Issue[]>();
    const ofFiles: Issue[] = [];
    for (const issue of errors) {
      const named = blame(issue);
      const object = (await laterThan(issue, named, inUse)) ?? named;
      if (object === undefined) ofFiles.push(issue);
      else blamed.set(object, [...(blamed.get(object) ?? []), issue]);
    }
    return { blamed, ofFiles };
  };

  /** Files are older than all objects. */
  async function laterThan(
    issue: Issue,
    named: StoredObject | undefined,
    inUse: readonly StoredObject[],
  ): Promise<StoredObject | null> {
    const suspects = inUse.filter(({ revision }) => named === undefined || revision > named.revision);
    if (!SHARED.has(issue.code) || suspects.length === 0 || loads >= MAX_LOADS) return null;
    const others = inUse.slice(0, inUse.length - suspects.length);
    const shows = async (count: number): Promise<boolean> => {
      loads++;
      const { issues } = await attempt([...others, ...suspects.slice(0, count)]);
      return issues.some(({ code, pointer }) => code === issue.code && pointer === issue.pointer);
    };
    return (await shows(0)) ? null : (suspects[await firstThat(shows, suspects.length)] ?? null);
  }
}

/** The number of suspects before the one with whom it shows for the first time. */
async function firstThat(shows: (count: number) => Promise<boolean>, count: number): Promise<number> {
  let [without, within] = [0, count];
  while (within - without > 1) {
    const middle = (without + within) >> 1;
    if (await shows(middle)) within = middle;
    else without = middle;
  }
  return within - 1;
}
