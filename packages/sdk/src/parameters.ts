/** Names of the parameters in a path: `'/users/{id}/*'` has `'id' | 'rest'`. */
export type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : Path extends `${string}/*`
    ? 'rest'
    : never;

/**
 * The parameters of a path with their values: `'/users/{id}'` is `{ id: string }`. Where the path is not known, any may be
 * there or not.
 */
export type RouteParameters<Path extends string> = string extends Path
  ? Readonly<Record<string, string | undefined>>
  : { readonly [Name in ParameterNames<Path>]: string };
