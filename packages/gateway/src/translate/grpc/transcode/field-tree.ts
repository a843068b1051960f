import { leafJson, type Leaf } from './field-path.ts';

/** A message of which some fields are given as text, one after the other. */
export class FieldTree {
  readonly #root: Branch = new Map();
  isEmpty = true;

  /** What is wrong with it, or null. */
  add({ names, kind, isRepeated }: Leaf, text: string): 'type' | 'duplicate' | null {
    const json = leafJson(kind, text);
    if (json === null) return 'type';
    this.isEmpty = false;
    let branch = this.#root;
    for (const name of names.slice(0, -1)) branch = branchAt(branch, name);
    const name = names.at(-1) ?? '';
    const there = branch.get(name);
    if (there === undefined) branch.set(name, isRepeated ? [json] : json);
    else if (isRepeated && Array.isArray(there)) there.push(json);
    else return 'duplicate';
    return null;
  }

  json(): string {
    return textOf(this.#root);
  }
}

/** A map, because names of fields are not ours: none has a special meaning. */
type Branch = Map<string, Branch | string | string[]>;

/** A path never goes through a leaf: the types of the fields are what they are. */
function branchAt(branch: Branch, name: string): Branch {
  const there = branch.get(name);
  if (there instanceof Map) return there;
  const made: Branch = new Map();
  branch.set(name, made);
  return made;
}

/** Names of fields are identifiers and need no escapes. */
function textOf(value: Branch | string | string[]): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.join(',')}]`;
  return `{${Array.from(value, ([name, inner]) => `"${name}":${textOf(inner)}`).join(',')}}`;
}
