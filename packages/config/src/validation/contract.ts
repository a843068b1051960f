import type { BodyRule } from './bodies/body-rule.ts';
import type { Head } from './parameters/head.ts';
import type { UnknownParameters } from './parameters/parameters.ts';
import type { Violation } from './violation.ts';

/** What an API describes of its requests and responses. Nothing of it keeps state: one serves all requests of a thread. */
export interface Contract {
  /** The operation that a request asks for. `path` is normalised; `params` are those of the route, for a contract without paths. */
  find(method: string, path: string, params: readonly string[]): Found;
}

/** What a request asks for. */
export type Found =
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      /** Values of the parameters of its path, percent-encoded. */
      readonly params: readonly string[];
    }
  | { readonly kind: 'unknown-path' }
  /** `allow`: the methods that there are, for the field of that name. */
  | { readonly kind: 'unknown-method'; readonly allow: string };

/** One operation: what its requests and responses have to be. Each part is made ready when it is first asked for. */
export interface Operation {
  /** JSON Pointer into the description. */
  readonly pointer: string;
  checkHead(head: Head, unknown: UnknownParameters): readonly Violation[];
  /** `contentType`: all fields of that name, joined; undefined without any. */
  body(contentType: string | undefined): BodyRule;
  /** What is wrong with a request that has no body. */
  missingBody(): readonly Violation[];
  /** Null: such a response is not described. */
  response(status: number): ResponseContract | null;
}

/** What a response has to be. */
export interface ResponseContract {
  checkHead(head: Head): readonly Violation[];
  body(contentType: string | undefined): BodyRule;
}
