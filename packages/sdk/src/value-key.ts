declare const VALUE: unique symbol;

/** Names a value that belongs to one request: what one plugin keeps for its later slot, or for another plugin. */
export interface ValueKey<T> {
  readonly name: string;
  /** A phantom: what is kept under it. */
  readonly [VALUE]?: (value: T) => T;
}

/** Makes a key. Two of the same name are the same key: files of plugins are loaded apart and share no objects. */
export function valueKey<T>(name: string): ValueKey<T> {
  return { name };
}
