import type { Exchange } from './exchange.ts';
import type { AnyNames, Identity, Json, Scalar } from './identity.ts';
import type { RouteParameters } from './parameters.ts';
import type { Answer, Reply } from './reply.ts';
import type { ConfigOf, JsonSchema, WrittenOf } from './schema.ts';
import type { Slot } from './slots.ts';

/** What the authors of plugins know of their callers, for the types of `claims` and `metadata`. */
export interface Facts {
  readonly claims?: object;
  readonly metadata?: object;
}

/** The program log. Lines name the plugin and its route. */
export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** What a plugin has beside its configuration. Made once for each route and data thread. */
export interface Context {
  /** Name of the route. */
  readonly route: string;
  /** Names of the parameters in the path of the route. */
  readonly parameters: readonly string[];
  readonly log: Log;
  /** Time; a test drives it. */
  readonly clock: {
    /** Monotonic milliseconds. */
    now(): number;
    /** Milliseconds since 1970. */
    epoch(): number;
  };
  /** Fires when another configuration has taken this one's place: whatever runs in the background ends then. */
  readonly signal: AbortSignal;
}

/** The rest of the way: to be called once at most, with the exchange that the plugin was given. */
export type Next<E = Exchange> = (exchange: E) => Promise<Reply>;

/** From exchange to reply, as every stage of the gateway. */
export type Handler<E = Exchange> = (exchange: E) => Promise<Answer>;

type Named<F extends Facts, K extends keyof Facts, V> = F[K] extends object ? F[K] : AnyNames<V>;

type CallerOf<F extends Facts, L extends Slot> = L extends 'before-authenticate'
  ? null
  : Identity<Named<F, 'claims', Json>, Named<F, 'metadata', Scalar>> | null;

type ExchangeOf<F extends Facts, L extends Slot, P extends string> = Exchange<
  RouteParameters<P>,
  CallerOf<F, L>
>;

/** What an author writes. */
export interface PolicyDefinition<
  S extends JsonSchema,
  L extends Slot,
  P extends string,
  A extends string | undefined,
  F extends Facts,
> {
  /** In logs, metrics and traces: small letters, digits and dashes. */
  readonly name: string;
  readonly slot: L;
  /** Of `with`: type `object`. Defaults in it are filled in. */
  readonly schema: S;
  /** `/users/{id}`: only routes that have these parameters may use it, and `exchange.params` knows them. */
  readonly path?: P;
  /** `import.meta.url`, so that `gateway.config.ts` can name the plugin by its value. */
  readonly file?: A;
  /** Prepares what is the same for all requests; may throw for what the schema cannot say. */
  create(
    config: ConfigOf<S>,
    context: Context,
  ): (next: Next<ExchangeOf<F, L, P>>) => Handler<ExchangeOf<F, L, P>>;
}

/** A plugin: a stage that a user wrote. */
export interface Policy<
  W = unknown,
  P extends string = string,
  A extends string | undefined = string | undefined,
> {
  readonly [POLICY]: true;
  readonly name: string;
  readonly slot: Slot;
  readonly schema: JsonSchema;
  readonly path: P | undefined;
  readonly file: A;
  readonly create: (config: never, context: Context) => (next: Next) => Handler;
  /** In a configuration that is written in TypeScript: where it is. */
  toJSON(): string;
  /** A phantom: what may be written in `with`. */
  readonly '~with'?: (written: W) => W;
}

/** Any plugin, whatever its configuration. */
export type AnyPolicy = Policy<never>;

/** Registered, because the gateway and a plugin may have loaded this file apart. */
const POLICY: unique symbol = Symbol.for('turnpike.policy') as never;

/** Makes a plugin of what its author writes. */
export type DefinePolicy<F extends Facts> = <
  const S extends JsonSchema,
  const L extends Slot,
  const P extends string = string,
  const A extends string | undefined = undefined,
>(
  definition: PolicyDefinition<S, L, P, A, F>,
) => Policy<WrittenOf<S>, P, A>;

/** Makes `definePolicy` know more: `policyFor<{ claims: { tenant: string } }>()({ … })`. */
export function policyFor<F extends Facts>(): DefinePolicy<F> {
  return (definition) => {
    const { name, slot, schema, path, file } = definition;
    return {
      [POLICY]: true,
      name,
      slot,
      schema,
      path,
      file: file as never,
      // The gateway gives it what its schema has let through.
      create: (config, context) => definition.create(config, context) as unknown as (next: Next) => Handler,
      toJSON: () => placeOf(name, file),
    };
  };
}

/** Makes a plugin; the file exports it as `default`. */
export const definePolicy: DefinePolicy<Facts> = policyFor<Facts>();

/** Whether a value is a plugin, whichever copy of this file made it. */
export function isPolicy(value: unknown): value is AnyPolicy {
  return typeof value === 'object' && value !== null && POLICY in value;
}

function placeOf(name: string, file: string | undefined): string {
  if (file !== undefined) return file.replace(/[?#].*$/, '');
  throw new TypeError(
    `the plugin ${name} does not say where it is: add \`file: import.meta.url\` to it, or name its file in quotes`,
  );
}
