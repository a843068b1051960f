import type { Contract, Found, Operation } from '../contract.ts';
import { lazy } from '../lazy.ts';
import { compileOperation } from './operation.ts';
import type { Description } from './description.ts';
import { operationsOf, pathItems } from './path-items.ts';
import { normalisedText, templateSegments } from './path-template.ts';
import { PathTree } from './path-tree.ts';
import { isObject } from '../json.ts';

/** The operations of one path, by method. */
type Methods = ReadonlyMap<string, () => Operation>;

/** The operations of a document, found by method and path; each is compiled when it is first found. */
export function compileOperations(description: Description): (basePath: string) => Contract {
  const paths = pathsOf(description);
  return (basePath) => {
    const prefix = normalisedText(basePath).replace(/\/$/, '');
    return { find: (method, path) => findIn(paths, method, afterPrefix(path, prefix)) };
  };
}

function pathsOf(description: Description): PathTree<Methods> {
  const paths = new PathTree<Methods>();
  const root = description.documents.root(description.uri);
  for (const { template, pointer } of isObject(root) ? pathItems(root) : []) {
    const written = description.at(pointer);
    const pathItem = written === null ? null : description.follow(written);
    if (pathItem === null || !isObject(pathItem.value)) continue;
    const names = templateSegments(template).flatMap((segment) => segment.names);
    const methods = operationsOf(pathItem.value, pathItem.pointer, template).map(
      ({ method, pointer, operation: value }) => {
        const operation = { uri: pathItem.uri, pointer, value };
        return [method, lazy(() => compileOperation({ pathItem, operation, names }, description))] as const;
      },
    );
    paths.add(template, new Map(methods));
  }
  return paths;
}

/** The path as the document has it; null if it does not begin with what stands in front of those. */
function afterPrefix(path: string, prefix: string): string | null {
  if (prefix === '') return path;
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
}

function findIn(paths: PathTree<Methods>, method: string, path: string | null): Found {
  const match = path === null ? null : paths.find(path);
  if (match === null) return { kind: 'unknown-path' };
  const { value: methods, params } = match;
  // What answers GET answers HEAD (RFC 9110 §9.3.2).
  const operation = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined);
  if (operation !== undefined) return { kind: 'operation', operation: operation(), params };
  return { kind: 'unknown-method', allow: allowOf(methods) };
}

function allowOf(methods: Methods): string {
  const names = new Set(methods.keys());
  if (names.has('GET')) names.add('HEAD');
  return [...names].join(', ');
}
