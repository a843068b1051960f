import { createLoader, type Files, type Loader } from '@turnpike/config/load';
import type { JsonObject, Kind, ObjectVersion, StoredObject } from './objects.ts';
import { nameOf } from './sources.ts';
import type { Steering } from './quarantine.ts';

/** A disk in memory. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  return {
    read: (path) => {
      const text = texts[path];
      if (text !== undefined) return Promise.resolve(new TextEncoder().encode(text));
      return Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }));
    },
    list: () => Promise.resolve(null),
  };
}

/** A loader of one file, `/g.yaml`. */
export function loaderOf(text: string, env: Readonly<Record<string, string>> = {}): Loader {
  return createLoader({ env, files: memoryFiles({ '/g.yaml': text }) });
}

/** Objects of the workspace `default`, as `{ 'routes.user': {…} }`, in order of age. */
export function objectsOf(
  documents: Readonly<Record<string, object>>,
  workspace = 'default',
): StoredObject[] {
  return Object.entries(documents).map(([full, document], index) => {
    const [kind = '', ...name] = full.split('.');
    return {
      kind: kind as Kind,
      name: name.join('.'),
      workspace,
      document: document as JsonObject,
      revision: index + 1,
    };
  });
}

/** How one file and objects with these older versions are loaded. */
export function steeringOf(
  text: string,
  older: readonly ObjectVersion[] = [],
  env: Readonly<Record<string, string>> = {},
): Steering {
  return {
    load: loaderOf(text, env),
    paths: ['/g.yaml'],
    history: (ref) =>
      Promise.resolve(
        older.filter((one) => nameOf(one) === nameOf(ref)).toSorted((a, b) => b.revision - a.revision),
      ),
  };
}
