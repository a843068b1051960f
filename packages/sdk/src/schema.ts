/** A schema in JSON Schema 2020-12, as far as we look into it. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

/** What `create` gets: the configuration with its defaults. */
export type ConfigOf<S> = ValueOf<S, 'complete'>;

/** What may be written in `with`: whatever has a default may be left out. */
export type WrittenOf<S> = ValueOf<S, 'written'>;

type Form = 'complete' | 'written';

type ValueOf<S, F extends Form> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'number' | 'integer' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'null' }
            ? null
            : S extends { readonly type: 'array'; readonly items: infer I }
              ? readonly ValueOf<I, F>[]
              : S extends { readonly type: 'object' }
                ? ObjectOf<S, F>
                : unknown;

type ObjectOf<S, F extends Form> = S extends { readonly properties: infer P }
  ? { readonly [K in SureKeys<S, P, F>]: ValueOf<P[K], F> } & {
      readonly [K in Exclude<keyof P, SureKeys<S, P, F>>]?: ValueOf<P[K], F>;
    }
  : S extends { readonly additionalProperties: infer V extends object }
    ? Readonly<Record<string, ValueOf<V, F>>>
    : Readonly<Record<string, unknown>>;

/** Keys that are there: those that must be written, and in the complete form those with a default. */
type SureKeys<S, P, F extends Form> = {
  [K in keyof P]: S extends { readonly required: readonly (infer R)[] }
    ? K extends R
      ? K
      : DefaultKey<P, K, F>
    : DefaultKey<P, K, F>;
}[keyof P];

type DefaultKey<P, K extends keyof P, F extends Form> = F extends 'complete'
  ? P[K] extends { readonly default: unknown }
    ? K
    : never
  : never;
