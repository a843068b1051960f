import type { GatewayDocument } from './schema/document.ts';

/**
 * A plugin by its value, in place of the path of its file, as far as a configuration has to know it: what may be written in
 * `with`, and the paths of routes that it is for. Its JSON is the address of its file.
 */
export interface PluginValue {
  readonly name: string;
  readonly file: string | undefined;
  readonly path: string | undefined;
  readonly create: unknown;
  toJSON(): string;
}

/** The document with plugins by value. */
export type TypedDocument = Widened<GatewayDocument>;

/** Nothing else in a document has the key `use`. */
type Widened<T> = T extends readonly (infer Item)[]
  ? readonly Widened<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: K extends 'use' ? T[K] | PluginValue : Widened<T[K]> }
    : T;

/** What is written, where every key that the document does not have is an error. */
type Known<D, T> = unknown extends T
  ? D
  : D extends PluginValue
    ? D
    : D extends readonly unknown[]
      ? { readonly [I in keyof D]: Known<D[I], T extends readonly (infer Item)[] ? Item : never> }
      : D extends object
        ? { readonly [K in keyof D]: K extends KeyOf<T> ? Known<D[K], At<T, K>> : never }
        : D;

type KeyOf<T> = T extends readonly unknown[] ? never : T extends object ? keyof T : never;
type At<T, K> = T extends object ? (K extends keyof T ? T[K] : never) : never;

/** What a plugin says that may be written in `with`; of others it is not known. */
type WithOf<P> = P extends { readonly '~with'?: (written: infer W) => unknown } ? W : unknown;

/** `W` without any other key: it would be a setting that does nothing. */
type Exactly<Given, W> = W & { readonly [K in keyof Given]: K extends keyof W ? unknown : never };

/** Names of the parameters of a path; a wildcard at its end is `rest`. */
type ParametersOf<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : Path extends `${string}/*`
    ? 'rest'
    : never;

/** Parameters that a plugin needs and the path of the route does not have. */
type MissingFor<P extends PluginValue, RoutePath> = string extends P['path']
  ? never
  : Exclude<ParametersOf<P['path']>, ParametersOf<RoutePath>>;

/** What has to stand in the place of what is wrong, so that the error of the compiler says why. */
interface Refused<Why extends string> {
  readonly 'cannot be used here': Why;
}

type CheckedUse<P extends PluginValue, RoutePath> = [MissingFor<P, RoutePath>] extends [never]
  ? P extends { readonly file: string }
    ? P
    : Refused<'it does not say where it is: add `file: import.meta.url` to it'>
  : Refused<`the path of the route has no {${MissingFor<P, RoutePath> & string}}`>;

type CheckedEntry<E, RoutePath> = E extends { readonly use: infer P extends PluginValue }
  ? {
      readonly [K in keyof E]: K extends 'use'
        ? CheckedUse<P, RoutePath>
        : K extends 'with'
          ? Exactly<E[K], WithOf<P>>
          : E[K];
    } & (object extends WithOf<P> ? unknown : { readonly with: WithOf<P> })
  : E;

type PathOf<R> = R extends { readonly match: { readonly path: infer Path extends string } } ? Path : '/*';

type CheckedPolicies<P, RoutePath> = P extends { readonly plugins: infer L extends readonly unknown[] }
  ? { readonly plugins: { readonly [I in keyof L]: CheckedEntry<L[I], RoutePath> } }
  : unknown;

type CheckedHolder<H> = CheckedRewrite<H> &
  (H extends { readonly policies: infer P } ? { readonly policies: CheckedPolicies<P, PathOf<H>> } : unknown);

/** A template may name parameters of the path alone. */
type CheckedRewrite<H> = H extends { readonly rewrite: { readonly path: infer Template extends string } }
  ? [Exclude<ParametersOf<Template>, ParametersOf<PathOf<H>>>] extends [never]
    ? unknown
    : {
        readonly rewrite: {
          readonly path: Refused<`the path of the route has no {${Exclude<ParametersOf<Template>, ParametersOf<PathOf<H>>> & string}}`>;
        };
      }
  : unknown;

type CheckedHolders<D, K extends string> = D extends { readonly [Key in K]: infer Holders }
  ? { readonly [Key in K]: { readonly [Name in keyof Holders]: CheckedHolder<Holders[Name]> } }
  : unknown;

/** A document of which everything is known, and whose plugins get what their schemas say. */
type Checked<D> = Known<D, TypedDocument> &
  CheckedHolders<D, 'routes'> &
  CheckedHolders<D, 'apis'> &
  (D extends { readonly defaults: infer H } ? { readonly defaults: CheckedHolder<H> } : unknown);

/**
 * Gives `gateway.config.ts` completion and checking in the editor; returns its argument. A plugin that is named by its value
 * has its `with` checked by its schema, and its parameters by the path of the route.
 */
export function defineConfig<const D extends TypedDocument>(config: D & Checked<D>): D {
  return config;
}
